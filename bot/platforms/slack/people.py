"""Whom and what a payload names, and what they are called: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Standing
from bot.platforms.slack import markup

ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What is taken for an id of Slack's."""
LONGEST = 200_000
"""Characters of a text that is read at all; Slack itself cuts at 40,000."""

_ROOM = re.compile(r"<#([A-Z0-9]{1,64})\|?>")
"""A channel without its name; where the name stands beside the id it is that."""
_GROUP = re.compile(r"<!subteam\^([A-Z0-9]{1,64})>")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?/[!-~]{0,2000}")
PICTURE = "picture"
"""What stands for the id in the handle of a person's picture."""
_REACTING = 20
"""Those who reacted to one message whose names are asked for."""


@dataclass(frozen=True, slots=True)
class Named:
    """The ids whose names reading a payload will ask for."""

    people: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def named_in(payload: object) -> Named:
    """The ids in an envelope's payload, or in a message of history."""
    message = _message(payload)
    if message is None:
        return Named()
    text = message.get("text")
    text = text if isinstance(text, str) and len(text) <= LONGEST else ""
    return Named(
        people=_ids([*_author(message), *markup.mentioned(text), *_reacting(message)]),
        rooms=_ids(_ROOM.findall(text)),
        groups=_ids(_GROUP.findall(text)),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person."""

    name: str
    standing: Standing = Standing.UNKNOWN
    picture: str = ""
    """As the handle of a file, "" where they have none."""


def changed(payload: object, workspace: str) -> tuple[str, Person] | None:
    """Of whom a `user_change` event tells, and what; `workspace`: the id of the one we are in."""
    match payload:
        case {"event": {"type": "user_change", "user": {"id": str(user), **rest}}}:
            person = person_of({"id": user, **rest}, workspace)
            return (user, person) if person else None
        case _:
            return None


def person_of(user: Mapping[Any, Any], workspace: str) -> Person | None:
    """What a user object says (https://docs.slack.dev/reference/objects/user-object)."""
    name = shown_name(user)
    return Person(name, standing_of(user, workspace), picture_of(user)) if name else None


def picture_of(user: Mapping[Any, Any]) -> str:
    """The handle of a person's picture, "" where they have none of their own."""
    profile = user.get("profile")
    for size in ("image_192", "image_72"):
        found = profile.get(size) if isinstance(profile, Mapping) else None
        if isinstance(found, str) and _ADDRESS.fullmatch(found):
            return f"{PICTURE} {found}"
    return ""


def standing_of(user: Mapping[Any, Any], workspace: str) -> Standing:
    """What a person is in the workspace; unknown where the object does not say all of it."""
    team, grid = user.get("team_id"), user.get("enterprise_user")
    teams = grid.get("teams") if isinstance(grid, Mapping) else None
    if not (workspace and isinstance(team, str) and isinstance(user.get("is_bot"), bool)):
        return Standing.UNKNOWN
    here = team == workspace or (isinstance(teams, list) and workspace in teams)
    if user.get("is_stranger") or not here:
        return Standing.FOREIGN
    if user["is_bot"] or user.get("id") == "USLACKBOT":
        return Standing.APP
    if not isinstance(user.get("is_restricted"), bool):
        return Standing.UNKNOWN  # Slack leaves it out where somebody is deactivated
    guest = user["is_restricted"] or user.get("is_ultra_restricted")
    return Standing.GUEST if guest else Standing.MEMBER


def room_renamed(payload: object) -> tuple[str, str] | None:
    """Which channel has another name, and what."""
    match payload:
        case {
            "event": {
                "type": "channel_rename" | "group_rename",
                "channel": {"id": str(room), "name": str(name)},
            }
        } if name.strip():
            return room, markup.storable(name.strip())
        case _:
            return None


def introduced(payload: object) -> tuple[str, str] | None:
    """Who says something and how they are called, where the message itself tells: for people of
    other workspaces (Slack Connect), whom a workspace may not be told of otherwise.
    """
    message = _message(payload)
    profile = None if message is None else message.get("user_profile")
    if message is None or not isinstance(profile, Mapping):
        return None
    user, name = message.get("user"), shown_name({"profile": profile})
    return (user, name) if isinstance(user, str) and ID.fullmatch(user) and name else None


def shown_name(user: Mapping[Any, Any]) -> str | None:
    """What Slack shows of a user object: display name, else real name, else user name."""
    profile = user.get("profile", user.get("user_profile", {}))
    places: list[Mapping[Any, Any]] = [profile, user] if isinstance(profile, Mapping) else [user]
    for key in ("display_name", "real_name", "name"):
        for place in places:
            name = place.get(key)
            if isinstance(name, str) and name.strip():
                return markup.storable(name.strip())
    return None


def _message(payload: object) -> Mapping[Any, Any] | None:
    """The message in a payload: of an event that changes one, as it is now."""
    found = payload
    if isinstance(found, Mapping) and found.get("type") == "event_callback":
        found = found.get("event")
    if isinstance(found, Mapping) and found.get("subtype") == "message_changed":
        found = found.get("message")
    return found if isinstance(found, Mapping) else None


def _author(message: Mapping[Any, Any]) -> Iterator[object]:
    if not message.get("username"):
        yield message.get("user", message.get("user_id"))


def _reacting(message: Mapping[Any, Any]) -> list[object]:
    reactions = message.get("reactions")
    found: list[object] = []
    for reaction in reactions if isinstance(reactions, list) else []:
        users = reaction.get("users") if isinstance(reaction, Mapping) else None
        found.extend(users if isinstance(users, list) else [])
    return found[:_REACTING]


def _ids(found: list[Any]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(item for item in found if isinstance(item, str) and ID.fullmatch(item))
    )
