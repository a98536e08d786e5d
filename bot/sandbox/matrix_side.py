"""The Matrix room of the sandbox, seen by its people through the homeserver's client API.

A client of its own on purpose: what the bot's Matrix library gets wrong must not look right here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.sandbox.board import Board, Line
from bot.sandbox.deeds import (
    Choose,
    Close,
    Deed,
    Edit,
    Fill,
    Press,
    React,
    Say,
    Share,
    TakeBack,
    Unreact,
)
from bot.sandbox.matrix_lines import Lines
from bot.sandbox.server import NotSaid
from bot.sandbox.synapse import Synapse
from bot.sandbox.world import COALITION

_API = "/_matrix/client/v3"
_MEDIA = "/_matrix/media/v3"
_KINDS = {"image": "m.image", "audio": "m.audio", "video": "m.video"}
_FILTER = '{"room":{"timeline":{"limit":100},"ephemeral":{"types":[]}},"presence":{"types":[]}}'
"""100 events a room is what Synapse gives at most (its `filter_timeline_limit`)."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the people, signed in."""

    key: str
    name: str
    user_id: str
    token: str


class MatrixFault(RuntimeError):
    """The homeserver refused what the sandbox asked of it."""


class MatrixSide:
    """The people of the Matrix room: makes the room, speaks, and puts what is seen on the board."""

    def __init__(self, url: str, members: Mapping[str, Member], bot: str, board: Board) -> None:
        self._session = aiohttp.ClientSession(
            url, timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0)
        )
        self._members = members
        names = {member.user_id: member.name for member in members.values()}
        self._lines = Lines(COALITION.key, names, bot)
        self._bot = bot
        self._board = board
        self._direct: dict[str, str] = {}
        """In which direct room a message lies."""
        self._since: dict[str, str] = {}
        self.room = ""

    async def open_room(self, known: str | None) -> str:
        """The channel's room, made where `known` is None; everybody is a member, the bot asked."""
        first, *others = self._members.values()
        if known is None:
            asked = {
                "name": "Ransomware task force",
                "preset": "private_chat",
                "invite": [*(member.user_id for member in others), self._bot],
            }
            made = await self._call(first, "POST", "/createRoom", asked)
            self.room = str(made["room_id"])
        else:
            self.room = known
        await asyncio.gather(*(self._join(member, self.room) for member in others))
        return self.room

    async def until_joined(self) -> None:
        """Return when the bot is in the room: what is said before, it would have to catch up."""
        first = next(iter(self._members.values()))
        while True:
            there = await self._call(first, "GET", f"/rooms/{quote(self.room)}/joined_members")
            if self._bot in there["joined"]:
                return
            await asyncio.sleep(0.05)

    async def do(self, person: str, deed: Deed) -> None:
        """Do something in the room; raises NotSaid."""
        try:
            await self._do(self._members[person], deed)
        except MatrixFault as fault:
            raise NotSaid(f"{fault}.") from fault
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSaid("The homeserver does not answer.") from error

    async def _do(self, member: Member, deed: Deed) -> None:
        match deed:
            case Say(text, answers):
                await self._put(member, "m.room.message", _text(text) | _thread(answers))
            case Edit(message, text):
                relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": message}}
                new = {"m.new_content": _text(text)}
                content = {**_text(f"* {text}"), **new, **relation}
                await self._put(member, "m.room.message", content)
            case React(message, emoji):
                reacted = {"rel_type": "m.annotation", "event_id": message, "key": emoji}
                await self._put(member, "m.reaction", {"m.relates_to": reacted})
            case Unreact(message, emoji):
                for event in self._lines.reactions_of(message, emoji, member.name):
                    await self._redact(member, event)
            case TakeBack(message):
                await self._redact(member, message)
            case Share():
                await self._share(member, deed)
            case Press(message, button):
                reacted = {"rel_type": "m.annotation", "event_id": message, "key": button}
                room = self._direct.get(message, self.room)
                await self._put(member, "m.reaction", {"m.relates_to": reacted}, room)
            case Choose() | Fill() | Close():
                raise NotSaid("Matrix has no such thing: type the command, in answer to it.")

    async def _redact(self, member: Member, event: str) -> None:
        path = f"/rooms/{quote(self.room)}/redact/{quote(event)}/{secrets.token_hex(8)}"
        await self._call(member, "PUT", path, {})

    async def _share(self, member: Member, file: Share) -> None:
        headers = {"Authorization": f"Bearer {member.token}", "Content-Type": file.mimetype}
        place = f"{_MEDIA}/upload"
        async with self._session.post(
            place, params={"filename": file.name}, data=file.content, headers=headers
        ) as answer:
            uploaded = await _read(answer)
        content = {
            "msgtype": _KINDS.get(file.mimetype.partition("/")[0], "m.file"),
            "body": file.name,
            "url": uploaded["content_uri"],
            "info": {"mimetype": file.mimetype, "size": len(file.content)},
        }
        await self._put(member, "m.room.message", content)

    async def _put(
        self, member: Member, kind: str, content: Mapping[str, Any], room: str = ""
    ) -> None:
        path = f"/rooms/{quote(room or self.room)}/send/{kind}/{secrets.token_hex(8)}"
        await self._call(member, "PUT", path, content)

    async def look(self) -> None:
        """Put on the board what each of the people sees now, by the homeserver's clock."""
        seen = await asyncio.gather(*(self._sync(member) for member in self._members.values()))
        for line in sorted(chain.from_iterable(seen), key=lambda line: line.said):
            self._board.put(line)

    async def follow(self) -> None:
        """Put on the board what each of the people sees, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for member in self._members.values():
                tasks.create_task(self._follow(member))

    async def close(self) -> None:
        """Let go of every connection."""
        await self._session.close()

    async def _follow(self, member: Member) -> None:
        while True:
            try:
                for line in await self._sync(member):
                    self._board.put(line)
            except (aiohttp.ClientError, TimeoutError, MatrixFault):
                await asyncio.sleep(1.0)  # the homeserver is away: ask again, but not in a spin

    async def _sync(self, member: Member) -> list[Line]:
        """What is new for one person: in direct rooms, and for the first in the room itself."""
        first = next(iter(self._members))
        since = self._since.get(member.key)
        query = {"filter": _FILTER, "timeout": "30000" if since else "0"}
        if since:
            query["since"] = since
        told = await self._call(member, "GET", "/sync", query=query)
        lines: list[Line] = []
        for room, seen in told.get("rooms", {}).get("join", {}).items():
            if room == self.room and member.key != first:
                continue
            timeline = seen.get("timeline", {})
            events = timeline.get("events", [])
            if since and timeline.get("limited"):
                events = [*await self._gap(member, room, timeline["prev_batch"], since), *events]
            only_for = None if room == self.room else member.key
            if only_for is not None:
                self._direct |= {str(each.get("event_id")): room for each in events}
            lines += self._lines.read(events, only_for)
        for room in told.get("rooms", {}).get("invite", {}):
            await self._join(member, room)
        self._since[member.key] = str(told["next_batch"])
        return lines

    async def _gap(self, member: Member, room: str, start: str, end: str) -> list[dict[str, Any]]:
        """What a limited sync left out, oldest first."""
        query = {"dir": "b", "from": start, "to": end, "limit": "1000"}
        told = await self._call(member, "GET", f"/rooms/{quote(room)}/messages", query=query)
        return list(reversed(told["chunk"]))

    async def _join(self, member: Member, room: str) -> None:
        await self._call(member, "POST", f"/join/{quote(room)}", {})

    async def _call(
        self,
        member: Member,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {member.token}"}
        async with self._session.request(
            method, _API + path, json=body, params=query, headers=headers
        ) as answer:
            return await _read(answer)


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    told: dict[str, Any] = await answer.json(content_type=None)
    if answer.status != 200:
        raise MatrixFault(f"The homeserver refused it: {told.get('errcode')}")
    return told


def _text(text: str) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": text}


def _thread(root: str | None) -> dict[str, Any]:
    """`m.relates_to` of a message in a thread (client-server API, "Threading")."""
    if root is None:
        return {}
    answered = {"is_falling_back": True, "m.in_reply_to": {"event_id": root}}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, **answered}}


async def sign_in(synapse: Synapse, password: str) -> dict[str, Member]:
    """Make the accounts of the people, or sign in to them where they exist."""
    members: dict[str, Member] = {}
    for person in COALITION.people:
        account = await synapse.register(person.key, password, displayname=person.name)
        members[person.key] = Member(person.key, person.name, account.user_id, account.access_token)
    return members
