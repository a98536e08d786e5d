"""The tree as Matrix can say it: what has no form of its own there becomes text, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from bot.events import AccountId, PersonId, RoomId, account_of, local
from bot.platforms.matrix.markup.addresses import has_another_face, may_link
from bot.platforms.matrix.markup.characters import shown_name
from bot.platforms.matrix.syntax import is_user_id, parse_room
from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Emoji,
    Everyone,
    Heading,
    Inline,
    Item,
    LineBreak,
    Link,
    List,
    Math,
    Mention,
    Paragraph,
    Quote,
    RoomMention,
    Rule,
    Table,
    Text,
    Time,
    lines,
)

Leaves = Callable[[Iterable[Inline]], tuple[Inline, ...]]


class Settler:
    """Settles the leaves of one message for an account, and notes whom it mentions.

    Only a person who is on Matrix is really mentioned, others are `@name`; and a link
    never has another address as its face: such a text stands before the address instead.
    `custom`: the emoji, by `:name:`, that can be shown as pictures.
    """

    def __init__(self, account: AccountId, custom: Iterable[str] = ()) -> None:
        self.account = account
        self.custom = frozenset(custom)
        self.persons: dict[str, None] = {}
        self.pings_room = False

    def leaves(self, content: Iterable[Inline]) -> tuple[Inline, ...]:
        """A run of leaves as texts, breaks, real links, real mentions, formulas and pictures."""
        settled: list[Inline] = []
        for leaf in content:
            if type(leaf) is Text and "\n" not in leaf.text:
                settled.append(leaf)
            else:
                settled.extend(self._leaf(leaf))
        return _joined(settled)

    def _leaf(self, leaf: Inline) -> Iterator[Inline]:
        match leaf:
            case LineBreak():
                yield leaf
            case Text(text, style):
                yield from lines(text, style)
            case Link():
                yield from _link(leaf)
            case Mention(_, name, style):
                yield self._mention(leaf) or Text(f"@{name}", style)
            case RoomMention(_, name, style):
                yield self._room(leaf) or Text(f"#{name}", style)
            case Everyone(word, ping, style):
                self.pings_room = self.pings_room or ping
                # with a ping the word is Matrix's own, so that people see why they were called
                yield Text("@room" if ping else f"@{word}", style)
            case Time(seconds, text, style):
                yield Text(moment(seconds) or text, style)
            case Emoji(text, style):
                yield leaf if text in self.custom else Text(text, style)
            case Math(tex, style):
                yield leaf if tex.strip() else Text(tex, style)

    def _mention(self, leaf: Mention) -> Mention | None:
        person = PersonId(leaf.person)
        # a user id is the same person for every account
        if not _same_network(account_of(person), self.account) or not is_user_id(local(person)):
            return None
        self.persons[local(person)] = None
        name = shown_name(leaf.name.removeprefix("@")) or local(person).removeprefix("@")
        return Mention(leaf.person, name, leaf.style)

    def _room(self, leaf: RoomMention) -> RoomMention | None:
        room = RoomId(leaf.room)
        if not leaf.room or account_of(room) != self.account or parse_room(local(room)) is None:
            return None
        name = shown_name(leaf.name.removeprefix("#")) or local(room)
        return RoomMention(leaf.room, name, leaf.style)


def _same_network(one: AccountId, other: AccountId) -> bool:
    return one.partition(":")[0] == other.partition(":")[0]


def _joined(leaves: list[Inline]) -> tuple[Inline, ...]:
    """The leaves with neighbouring texts of one style as one, and without empty ones."""
    joined: list[Inline] = []
    texts: list[str] = []
    style = 0
    for leaf in leaves:
        if texts and not (isinstance(leaf, Text) and leaf.style == style):
            joined.append(Text("".join(texts), style))
            texts.clear()
        if not isinstance(leaf, Text):
            joined.append(leaf)
        elif leaf.text:
            texts.append(leaf.text)
            style = leaf.style
    if texts:
        joined.append(Text("".join(texts), style))
    return tuple(joined)


def _link(leaf: Link) -> Iterator[Inline]:
    text = " ".join(leaf.text.split()) or leaf.url
    if leaf.made:
        yield from lines(leaf.text or leaf.url, leaf.style)
    elif not may_link(leaf.url):
        yield Text(text if text == leaf.url else f"{text} ({leaf.url})", leaf.style)
    elif has_another_face(leaf.url, text):
        yield Text(f"{text} (", leaf.style)
        yield Link(leaf.url, leaf.url, leaf.style)
        yield Text(")", leaf.style)
    else:
        yield Link(leaf.url, text, leaf.style)


def moment(seconds: int) -> str:
    """A moment in UTC: Matrix shows no reader their own zone. Empty where it is out of range."""
    try:
        when = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    return f"{when.year:04}-{when:%m-%d} {clock} UTC"


def settled_block(block: Block, leaves: Leaves) -> Block:
    """A block whose runs of leaves are settled by `leaves`."""
    match block:
        case Paragraph(content):
            return Paragraph(leaves(content))
        case Heading(level, content):
            return Heading(level, leaves(content))
        case CodeBlock() | Rule():
            return block
        case Quote(blocks):
            return Quote(_blocks(blocks, leaves))
        case List(ordered, items, start):
            settled = tuple(Item(_blocks(item.blocks, leaves)) for item in items)
            return List(ordered, settled, start)
        case Table(rows, header):
            return Table(tuple(tuple(leaves(cell) for cell in row) for row in rows), header)
        case Details(summary, blocks):
            return Details(leaves(summary), _blocks(blocks, leaves))


def _blocks(blocks: Iterable[Block], leaves: Leaves) -> tuple[Block, ...]:
    return tuple(settled_block(block, leaves) for block in blocks)
