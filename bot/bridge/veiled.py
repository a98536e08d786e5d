"""The Chatham House Rule: the other side gets the words, and neither the person nor the team.

What was said may be used, who said it may not be revealed, nor of what house they are
(https://www.chathamhouse.org/about-us/chatham-house-rule). Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from bot.events import Author, File, PersonId, RoomId, account_of
from bot.richtext import Inline, Mention, RichText, Text
from bot.richtext.walking import changed
from bot.words import Words

_NOBODY = PersonId("/participant")
_STRIPPED = frozenset({"image/jpeg", "image/png"})
"""Pictures from which everything that is not seen is left out on the way."""
_PLAIN = frozenset({"text/plain", "text/csv", "text/markdown"})
"""What holds nothing that is not seen."""


def participant(author: Author, words: Words) -> Author:
    """Whoever has spoken."""
    return Author(_NOBODY, words("a participant"), bot=author.bot)


def without(body: RichText, persons: Collection[PersonId], words: Words) -> RichText:
    """The same body, in which these are not named."""
    return changed(body, lambda leaf: _unnamed(leaf, words) if _is_of(leaf, persons) else leaf)


def for_room(body: RichText, room: RoomId, words: Words) -> RichText:
    """The same body for a room, in which nobody is named but those who are seen there anyway."""

    def change(leaf: Inline) -> Inline:
        elsewhere = isinstance(leaf, Mention) and (
            account_of(PersonId(leaf.person)) != account_of(room)
        )
        return _unnamed(leaf, words) if elsewhere else leaf

    return changed(body, change)


def bared(file: File) -> File | None:
    """A file as it may pass: what is not seen of it is left out on the way. None where it may
    hold more than is seen of it: who made it, and where.
    """
    if file.mimetype in _STRIPPED:
        return replace(file, bare=True, size=None)
    return replace(file, bare=True) if file.mimetype in _PLAIN else None


def _is_of(leaf: Inline, persons: Collection[PersonId]) -> bool:
    return isinstance(leaf, Mention) and leaf.person in persons


def _unnamed(leaf: Inline, words: Words) -> Inline:
    return Text(words("(a participant)"), style=getattr(leaf, "style", 0))
