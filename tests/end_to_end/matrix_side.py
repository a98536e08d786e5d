"""People in a Matrix room, by a client of their own, and what the room shows."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from tests.end_to_end.tally import Line

_API = "/_matrix/client/v3"
_PROFILE = "com.beeper.per_message_profile"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the homeserver, signed in."""

    name: str
    user_id: str
    token: str


@dataclass(slots=True)
class Timeline:
    """A room as read so far."""

    events: list[Json] = field(default_factory=list)
    position: str = ""
    known: set[str] = field(default_factory=set)


class MatrixRoom:
    """One room of a homeserver: people who speak in it, and all that was said, read again."""

    def __init__(self, homeserver: str, members: list[Member], bot: str) -> None:
        self.bot = bot
        self.room = ""
        self.members = members
        self._homeserver = homeserver
        self._session: aiohttp.ClientSession | None = None
        self._seen = Timeline()
        self._invited: dict[str, tuple[str, list[str]]] = {}
        """Up to where each person's news were read, and the invitations in them."""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(self._homeserver)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def make(self) -> str:
        """Make the room with everybody in it and the bot invited; its id."""
        first, *others = self.members
        invited = [*(member.user_id for member in others), self.bot]
        asked = {"preset": "private_chat", "invite": invited}
        self.room = (await self.call(first, "POST", "/createRoom", asked))["room_id"]
        for member in others:
            await self.join(member, self.room)
        return self.room

    async def join(self, member: Member, room: str) -> None:
        """Enter a room."""
        await self.call(member, "POST", f"/join/{quote(room)}", {})

    async def say(
        self, member: Member, text: str, *, thread: str = "", mention: str = "", room: str = ""
    ) -> str:
        """Say something; the event's id."""
        content: Json = {"msgtype": "m.text", "body": text}
        if thread:
            content |= in_thread(thread)
        if mention:
            content["m.mentions"] = {"user_ids": [mention]}
        return await self.send(member, content, room=room)

    async def send(
        self, member: Member, content: Json, *, kind: str = "m.room.message", room: str = ""
    ) -> str:
        """Send any event; its id."""
        path = f"/rooms/{quote(room or self.room)}/send/{kind}/{secrets.token_hex(8)}"
        return str((await self.call(member, "PUT", path, content))["event_id"])

    async def edit(self, member: Member, event: str, text: str) -> str:
        """Say something otherwise; the edit's id."""
        content: Json = {
            "msgtype": "m.text",
            "body": f"* {text}",
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event},
        }
        return await self.send(member, content)

    async def react(self, member: Member, event: str, key: str) -> str:
        """React to a message; the reaction's id."""
        related = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self.send(member, {"m.relates_to": related}, kind="m.reaction")

    async def redact(self, member: Member, event: str) -> None:
        """Take an event back."""
        path = f"/rooms/{quote(self.room)}/redact/{quote(event)}/{secrets.token_hex(8)}"
        await self.call(member, "PUT", path, {})

    async def state(self, kind: str) -> Json:
        """A state event's content."""
        return await self.call(self.members[0], "GET", f"/rooms/{quote(self.room)}/state/{kind}/")

    async def set_state(self, kind: str, content: Json) -> None:
        """Set a state event, as the room's creator."""
        path = f"/rooms/{quote(self.room)}/state/{kind}/"
        await self.call(self.members[0], "PUT", path, content)

    async def upload(self, member: Member, name: str, content: bytes, mimetype: str) -> str:
        """Put a file onto the homeserver; its `mxc://` address."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {member.token}", "Content-Type": mimetype}
        path = "/_matrix/media/v3/upload"
        async with self._session.post(
            path, data=content, params={"filename": name}, headers=headers
        ) as answer:
            assert answer.status == 200, answer.status
            return str((await answer.json())["content_uri"])

    async def fetch(self, mxc: str) -> bytes:
        """A file's bytes."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {self.members[0].token}"}
        path = f"/_matrix/client/v1/media/download/{mxc.removeprefix('mxc://')}"
        async with self._session.get(path, headers=headers) as answer:
            assert answer.status == 200, answer.status
            return await answer.read()

    async def read(self) -> list[Json]:
        """Every event of the room up to now, oldest first."""
        seen = self._seen
        while True:
            query = {"dir": "f", "limit": "500"}
            if seen.position:
                query["from"] = seen.position
            path = f"/rooms/{quote(self.room)}/messages"
            page = await self.call(self.members[0], "GET", path, query=query)
            fresh = [event for event in page["chunk"] if event["event_id"] not in seen.known]
            seen.known.update(event["event_id"] for event in fresh)
            seen.events += fresh
            if not page["chunk"] or page.get("end") in {None, seen.position}:
                return seen.events
            seen.position = page["end"]

    async def said_by_people(self) -> list[tuple[str, Line]]:
        """What people said in the room, with its event id, in order."""
        names = {member.user_id: member.name for member in self.members}
        return [
            (event["event_id"], Line(names[event["sender"]], event["content"]["body"]))
            for event in await self.read()
            if _is_message(event) and event["sender"] in names
        ]

    async def shown_by_bot(self) -> list[Line]:
        """What the bot sent into the room, in order: under whose name, and what."""
        return [
            _as_shown(event["content"])
            for event in await self.read()
            if _is_message(event) and event["sender"] == self.bot
        ]

    async def threads_of_bot(self) -> dict[str, str]:
        """The root's text for each reply that the bot sent, by the reply's text."""
        events = [event for event in await self.read() if _is_message(event)]
        texts = {event["event_id"]: _as_shown(event["content"]).text for event in events}
        return {
            texts[event["event_id"]]: texts[event["content"]["m.relates_to"]["event_id"]]
            for event in events
            if event["sender"] == self.bot and "m.relates_to" in event["content"]
        }

    async def invitations(self, member: Member) -> list[str]:
        """The rooms that a person was invited to so far."""
        since, rooms = self._invited.get(member.name, ("", []))
        query = {"timeout": "0"} | ({"since": since} if since else {})
        told = await self.call(member, "GET", "/sync", query=query)
        rooms = [*rooms, *told.get("rooms", {}).get("invite", {})]
        self._invited[member.name] = (told["next_batch"], rooms)
        return rooms

    async def bot_said(self, member: Member, room: str) -> list[str]:
        """What the bot said in another room of a person."""
        query = {"dir": "f", "limit": "100"}
        page = await self.call(member, "GET", f"/rooms/{quote(room)}/messages", query=query)
        events = [event for event in page["chunk"] if _is_message(event)]
        return [event["content"]["body"] for event in events if event["sender"] == self.bot]

    async def call(
        self,
        member: Member,
        method: str,
        path: str,
        body: Json | None = None,
        query: dict[str, str] | None = None,
    ) -> Json:
        """One request by a person; raises AssertionError when it is refused."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {member.token}"}
        async with self._session.request(
            method,
            _API + path,
            data=None if body is None else json.dumps(body),
            params=query,
            headers=headers,
        ) as answer:
            told: Json = await answer.json(content_type=None)
            assert answer.status == 200, (path, answer.status, told.get("errcode"))
            return told


def in_thread(root: str) -> Json:
    """What makes a message one of a thread."""
    related = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
    return {"m.relates_to": related | {"m.in_reply_to": {"event_id": root}}}


def _is_message(event: Json) -> bool:
    return event["type"] == "m.room.message" and isinstance(event["content"].get("body"), str)


def _as_shown(content: Json) -> Line:
    """Author and text, without the fallback for clients that know no profiles (MSC4144)."""
    profile = content.get(_PROFILE)
    name = profile.get("displayname") if isinstance(profile, dict) else None
    body = content["body"]
    return Line("", body) if name is None else Line(name, body.removeprefix(f"{name}: "))
