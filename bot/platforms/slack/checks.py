"""What `liaison check` and `liaison rooms` ask a workspace; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.errors import AccountRefused, PlatformError, Refused
from bot.events import AccountId, RoomId, local, room_id
from bot.platforms.base import Finding, RoomInfo
from bot.platforms.slack import scopes
from bot.platforms.slack.settings import SlackSettings
from bot.platforms.slack.web import Web

_PAGE = 999
_TYPES = "public_channel,private_channel"


async def check(web: Web, settings: SlackSettings, rooms: Iterable[RoomId]) -> Sequence[Finding]:
    """Try both tokens, every scope, and every configured room."""
    del settings
    table = web.account.replace(":", ".", 1)
    token, answer = await _try(web, "auth.test", f"{table}.bot_token")
    findings = [token]
    bot = "the bot"
    if answer is not None:
        name = answer.get("user")
        bot = f"@{name}" if isinstance(name, str) else bot
        findings.extend(_scopes(table, web.scopes))
    app_token, _ = await _try(web, "apps.connections.open", f"{table}.app_token")
    findings.append(app_token)
    if answer is not None:
        findings.extend([await _room(web, room, bot) for room in sorted(rooms)])
    return findings


async def list_rooms(web: Web, account: AccountId) -> Sequence[RoomInfo]:
    """Every channel that the bot is in, then the public ones that it is not in."""
    found: dict[str, RoomInfo] = {}
    for method in ("users.conversations", "conversations.list"):
        for channel in await channels(web, method):
            local_id, name = channel.get("id"), channel.get("name")
            if isinstance(local_id, str) and local_id not in found:
                joined = method == "users.conversations" or channel.get("is_member") is True
                shown = name if isinstance(name, str) else local_id
                private = channel.get("is_private") is True
                found[local_id] = RoomInfo(room_id(account, local_id), shown, joined, private)
    return list(found.values())


async def channels(web: Web, method: str, *, gone: bool = False) -> list[dict[str, Any]]:
    """All that a method lists, archived ones too with `gone`; raises `PlatformError`."""
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"types": _TYPES, "exclude_archived": not gone, "limit": _PAGE}
    while True:
        answer = await web.call(method, asked)
        page = answer.get("channels")
        found.extend(item for item in page if isinstance(item, dict)) if isinstance(
            page, list
        ) else None
        match answer.get("response_metadata"):
            case {"next_cursor": str(cursor)} if cursor:
                asked = {**asked, "cursor": cursor}
            case _:
                return found


async def _try(web: Web, method: str, what: str) -> tuple[Finding, dict[str, Any] | None]:
    try:
        return Finding(what, ok=True), await web.call(method)
    except AccountRefused as error:
        return Finding(f"{what} ({error.reason})", ok=False, mend=error.mend), None
    except PlatformError as error:
        return Finding(f"{what} ({error.reason})", ok=False, mend=_UNREACHABLE), None


_UNREACHABLE = (
    "Slack did not answer: look at the network, [network] proxy and ca_file, and try again"
)
_LACKS = "add the scopes that are named above, and install the app again"


def _scopes(table: str, granted: frozenset[str]) -> Iterable[Finding]:
    for scope in scopes.bot_scopes():
        purpose = scopes.MENDS.get(scope, "")
        mend = (
            f"add the scope {scope}{f', {purpose},' if purpose else ''} under "
            '"OAuth & Permissions" at api.slack.com/apps and install the app again'
        )
        ok = scope in granted
        yield Finding(f"{table}: scope {scope}", ok=ok, mend="" if ok else mend)


async def _room(web: Web, room: RoomId, bot: str) -> Finding:
    channel = local(room)
    try:
        answer = await web.call("conversations.info", {"channel": channel})
        info = answer.get("channel")
        info = info if isinstance(info, dict) else {}
        shown = info.get("name")
        name = f"#{shown}" if isinstance(shown, str) and shown else channel
        if info.get("is_archived") is True:
            return Finding(room, ok=False, mend=f"{name} is archived: unarchive it, or take it out")
        if info.get("is_member") is not True and info.get("is_im") is not True:
            return Finding(room, ok=False, mend=f"type /invite {bot} in {name}")
        await web.call("conversations.history", {"channel": channel, "limit": 1})
    except Refused as error:
        return Finding(f"{room} ({error.reason})", ok=False, mend=_mend(error.reason, channel, bot))
    except AccountRefused as error:
        mend = _LACKS if error.reason == "missing_scope" else error.mend
        return Finding(f"{room} ({error.reason})", ok=False, mend=mend)
    except PlatformError as error:
        return Finding(f"{room} ({error.reason})", ok=False, mend=_UNREACHABLE)
    now = web.places.actual(channel)
    if now != channel:
        moved = room_id(web.account, now)
        return Finding(f"{room}: moved to {moved}, which is used instead: write that", ok=True)
    return Finding(room, ok=True)


def _mend(reason: str, channel: str, bot: str) -> str:
    if reason == "channel_not_found":
        return (
            f"there is no channel {channel} that {bot} can see: take the id from the channel's "
            f"details in Slack, and if it is private, type /invite {bot} there"
        )
    if reason == "not_in_channel":
        return f"type /invite {bot} in the channel {channel}"
    return f"Slack refuses to show the channel {channel}"
