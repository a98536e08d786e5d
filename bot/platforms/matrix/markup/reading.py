"""A message's content as Matrix carries it → the tree. Pure; whatever comes, a tree comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import AccountId, person_id, room_id
from bot.platforms.matrix.markup.addresses import Kind, may_link, target, was_made
from bot.platforms.matrix.markup.characters import shown_name, storable
from bot.platforms.matrix.markup.elements import Elements
from bot.platforms.matrix.markup.fallbacks import without_quote, without_reply
from bot.platforms.matrix.markup.run import MakeLink, called
from bot.platforms.matrix.syntax import localpart
from bot.richtext import (
    Inline,
    Link,
    Mention,
    Paragraph,
    RichText,
    RoomMention,
    Text,
    bounded,
    say,
)

HTML = "org.matrix.custom.html"
"""The one format of `formatted_body` (client-server API, `m.room.message`)."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a message says that it mentions (`m.mentions`); None where it says nothing of it.

    Without it, as from clients before version 1.7 of the specification, every pill counts, and
    `@room` as a word.
    """

    persons: frozenset[str] | None = None
    room: bool = True


def named_in(content: Mapping[str, Any]) -> Named:
    """Whom the content says that it mentions."""
    said = content.get("m.mentions")
    if not isinstance(said, dict):
        return Named()
    users = said.get("user_ids")
    ids = [user for user in users if isinstance(user, str)] if isinstance(users, list) else []
    return Named(frozenset(ids), said.get("room") is True)


def read_message(
    content: Mapping[str, Any], account: AccountId, *, is_reply: bool = False
) -> RichText:
    """What a message's content says: its formatted body where it has one, else its plain one.

    `is_reply`: it answers another, so that a quotation before its text is a fallback. Where the
    two bodies contradict each other the formatted one counts, as for those who read it in a
    client. No body at all is an empty tree.
    """
    named = named_in(content)
    formatted = content.get("formatted_body")
    if content.get("format") == HTML and isinstance(formatted, str):
        tree = read_html(formatted, account, named)
        if tree.blocks:
            return tree
    body = content.get("body")
    if not isinstance(body, str):
        return RichText()
    return read_plain(without_quote(body) if is_reply else body, named)


def read_plain(body: str, named: Named | None = None) -> RichText:
    """A plain body: its characters as they are, nothing of them a link."""
    tree = bounded(say(storable(body)))
    if "@room" not in body or not (named or Named()).room:
        return tree
    leaves: list[Inline] = []
    for leaf in tree.blocks[0].content if isinstance(tree.blocks[0], Paragraph) else ():
        leaves.extend(called(leaf.text, leaf.style) if isinstance(leaf, Text) else [leaf])
    return bounded(RichText((Paragraph(tuple(leaves)), *tree.blocks[1:])))


def read_html(source: str, account: AccountId, named: Named | None = None) -> RichText:
    """HTML as the tree; tags that are not known are their text."""
    named = named or Named()
    source = without_reply(storable(source))

    def links(href: str) -> MakeLink | None:
        return _link(href, account, named)

    for maths in (True, False):
        elements = Elements(links, calls_room=named.room, maths=maths)
        elements.read(source)
        if elements.skipped is None:
            break
        # a formula that is never closed would swallow what follows: then none is one
    return bounded(RichText(elements.finish()))


def _link(href: str, account: AccountId, named: Named) -> MakeLink | None:
    """What a link becomes, by the words that it shows."""
    place = target(href)
    if place is None or place.kind is Kind.EVENT:
        return _address(href) if may_link(href) else None
    if place.kind is Kind.PERSON:
        if named.persons is not None and place.id not in named.persons:
            return None
        person = person_id(account, place.id)
        return lambda text, style: Mention(
            person, shown_name(text.removeprefix("@")) or localpart(place.id), style
        )
    if place.kind is Kind.ROOM:
        room = room_id(account, place.id)
        return lambda text, style: RoomMention(
            room, shown_name(text.removeprefix("#")) or place.id, style
        )
    return None


def _address(url: str) -> MakeLink:
    return lambda text, style: Link(url, text, style, made=was_made(url, text))
