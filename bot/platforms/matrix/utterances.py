"""What a message says: its body, its files, and how it was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import File, Manner, person_id
from bot.platforms.matrix import markup
from bot.platforms.matrix.attachments import has_caption, read_file
from bot.platforms.matrix.envelope import Place, as_list, as_object, as_text
from bot.platforms.matrix.everybody import with_pings
from bot.platforms.matrix.questions import POLLS, extensible_text, read_location, read_poll
from bot.richtext import RichText, say

MESSAGE = "m.room.message"
ENCRYPTED = "m.room.encrypted"
TYPES = frozenset({MESSAGE, "m.sticker", "m.message", "org.matrix.msc1767.message", *POLLS})
"""The types of events that say something."""

_MANNERS = {"m.emote": Manner.EMOTE, "m.notice": Manner.NOTICE}


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said; `calls_bot`: with a mention of the bot."""

    body: RichText
    files: tuple[File, ...] = ()
    manner: Manner = Manner.SAID
    calls_bot: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides how a content is read, besides itself.

    `answers`: it answers another message, so that older clients quote that one in it, and all
    clients mention whom they answer, which is no call.
    """

    place: Place
    sender: str
    answers: bool = False


def read_utterance(
    kind: str, content: Mapping[str, Any], setting: Setting
) -> Utterance | str | None:
    """What an event of type `kind` says; why that cannot be read; or None where it is nothing."""
    if kind in POLLS:
        poll = read_poll(kind, content)
        return Utterance(poll) if poll is not None else "question"
    named = "m.sticker" if kind == "m.sticker" else as_text(content.get("msgtype"))
    file = read_file(setting.place.account, named, content)
    if file is not None:
        said = _text(content, setting) if has_caption(content) and kind != "m.sticker" else None
        return Utterance(
            said.body if said else RichText(), (file,), calls_bot=bool(said and said.calls_bot)
        )
    if named == "m.location":
        place = read_location(content)
        return Utterance(place) if place is not None else "body"
    if not isinstance(content.get("body"), str):
        said_otherwise = extensible_text(content)
        return Utterance(say(said_otherwise)) if said_otherwise.strip() else "body"
    return _text(content, setting) if _says_something(content) else None


def _says_something(content: Mapping[str, Any]) -> bool:
    return bool(as_text(content.get("body")).strip())


def _text(content: Mapping[str, Any], setting: Setting) -> Utterance:
    place = setting.place
    tree = markup.read_message(content, place.account, is_reply=setting.answers)
    if _calls_everybody(content, setting):
        tree = with_pings(tree)
    bot, mentioned = person_id(place.account, place.me), _mentions(content, place.me)
    tree, named = markup.with_call(tree, bot, place.names, mentioned=mentioned)
    manner = _MANNERS.get(as_text(content.get("msgtype")), Manner.SAID)
    silent = mentioned and not setting.answers
    return Utterance(tree, manner=manner, calls_bot=named or silent)


def _mentions(content: Mapping[str, Any], user_id: str) -> bool:
    """Whether a content says that it mentions a person."""
    return user_id in as_list(as_object(content.get("m.mentions")).get("user_ids"))


def _calls_everybody(content: Mapping[str, Any], setting: Setting) -> bool:
    """Whether a content is a call to all in the room, by somebody who has that right."""
    called = as_object(content.get("m.mentions")).get("room") is True
    return called and setting.place.may_ping(setting.sender)
