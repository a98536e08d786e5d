"""The tree → a message's plain body and, where that does not say all, its HTML. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from bot.events import AccountId
from bot.platforms.matrix.markup.block_html import blocks_html
from bot.platforms.matrix.markup.characters import storable
from bot.platforms.matrix.markup.inline_html import Pictures
from bot.platforms.matrix.markup.settling import Settler, settled_block
from bot.richtext import Block, LineBreak, Paragraph, RichText, Text, plain

_NO_PICTURES: Pictures = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Written:
    """What a message's content is made of.

    `html` is None where `body` says all. `mentioned` are the user ids for `m.mentions`, and
    `pings_room` its `room`: the content must have that key even where both are empty, or clients
    look for names in the text.
    """

    body: str
    html: str | None
    mentioned: tuple[str, ...]
    pings_room: bool


def write(body: RichText, account: AccountId, pictures: Pictures = _NO_PICTURES) -> Written:
    """A tree as a message for the rooms of `account`.

    Nothing but what the tree says becomes a link, a mention or markup, and no character is
    changed: what clients make of a bare address by themselves cannot be stopped outside of code.
    In the plain body spoilers are hidden. `pictures` are the custom emoji that the account has.
    """
    said = _plain_text(body.blocks)
    if said is not None:
        return Written(storable(said), None, (), pings_room=False)
    settler = Settler(account, pictures)
    blocks = tuple(settled_block(block, settler.leaves) for block in body.blocks)
    text = storable(plain(RichText(blocks), spoilers=False))
    html = None
    if _plain_text(blocks) is None:
        html = storable(blocks_html(blocks, pictures))
    return Written(text, html, tuple(settler.persons), settler.pings_room)


def _plain_text(blocks: tuple[Block, ...]) -> str | None:
    """The text of paragraphs of nothing but text, None where there is more to the blocks."""
    parts: list[str] = []
    for block in blocks:
        if type(block) is not Paragraph:
            return None
        if parts:
            parts.append("\n\n")
        for leaf in block.content:
            if type(leaf) is LineBreak:
                parts.append("\n")
            elif type(leaf) is Text and not leaf.style:
                parts.append(leaf.text)
            else:
                return None
    return "".join(parts)
