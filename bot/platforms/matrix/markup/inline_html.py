"""A run of settled leaves → HTML: few tags, always closed in order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from bot.events import PersonId, RoomId, local
from bot.platforms.matrix.markup.addresses import pill
from bot.richtext import Emoji, Inline, LineBreak, Link, Math, Mention, RoomMention, Style, Text

_ORDER = (
    (Style.SPOILER.value, "<span data-mx-spoiler>", "</span>"),
    (Style.BOLD.value, "<strong>", "</strong>"),
    (Style.ITALIC.value, "<em>", "</em>"),
    (Style.UNDERLINE.value, "<u>", "</u>"),
    (Style.STRIKE.value, "<del>", "</del>"),
    (Style.CODE.value, "<code>", "</code>"),
)
"""The styles from the outermost tag in."""
_TAGS = {
    style: tuple((opened, closed) for bit, opened, closed in _ORDER if style & bit)
    for style in range(64)
}
_CODE = Style.CODE.value
_DROPPED = re.compile(" (?= )|[\t\r\f]")
_NO_BREAK = "\u00a0"

Pictures = Mapping[str, str]
"""The `mxc:` address of a custom emoji, by its `:name:`."""


def inline_html(content: Sequence[Inline], pictures: Pictures) -> str:
    """Leaves as HTML. Spaces that readers of HTML would drop are written as no-break ones."""
    parts: list[str] = []
    opened: tuple[tuple[str, str], ...] = ()
    at_space, breaks = True, 0
    last = len(content) - 1
    for number, leaf in enumerate(content):
        if isinstance(leaf, LineBreak):
            breaks += 1
            at_space = True
            continue
        wanted = _TAGS[leaf.style & 63]
        keep = _shared(opened, wanted)
        parts.extend(end for _, end in reversed(opened[keep:]))
        parts.append("<br>" * breaks)
        parts.extend(begin for begin, _ in wanted[keep:])
        opened, breaks = wanted, 0
        if isinstance(leaf, Text) and not leaf.style & _CODE:
            ends = number == last or isinstance(content[number + 1], LineBreak)
            text = _kept(leaf.text, begins=at_space, ends=ends)
            parts.append(html.escape(text, quote=False))
            at_space = text[-1:] == " "
        else:
            parts.append(_leaf(leaf, pictures))
            at_space = False
    parts.extend(end for _, end in reversed(opened))
    # a break at the end shows no line: it needs a second one
    parts.append("<br>" * (breaks + 1 if breaks else 0))
    return "".join(parts)


def _shared(opened: Iterable[tuple[str, str]], wanted: Iterable[tuple[str, str]]) -> int:
    """How many tags may stay open."""
    count = 0
    for one, other in zip(opened, wanted, strict=False):
        if one != other:
            break
        count += 1
    return count


def _kept(text: str, *, begins: bool, ends: bool) -> str:
    text = _DROPPED.sub(_NO_BREAK, text)
    if begins and text[:1] == " ":
        text = _NO_BREAK + text[1:]
    if ends and text[-1:] == " ":
        text = text[:-1] + _NO_BREAK
    return text


def _leaf(leaf: Inline, pictures: Pictures) -> str:
    match leaf:
        case Text(text):
            return html.escape(text, quote=False)
        case Link(url, text):
            return _anchor(url, text)
        case Mention(person, name):
            return _anchor(pill(local(PersonId(person))), f"@{name}")
        case RoomMention(room, name):
            return _anchor(pill(local(RoomId(room))), f"#{name}")
        case Emoji(name):
            source, words = html.escape(pictures.get(name, "")), html.escape(name)
            return (
                f'<img data-mx-emoticon src="{source}" alt="{words}" title="{words}" height="32">'
            )
        case Math(tex):
            shown = html.escape(tex, quote=False)
            return f'<span data-mx-maths="{html.escape(tex)}"><code>{shown}</code></span>'
        case _:
            return ""


def _anchor(url: str, text: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(text, quote=False)}</a>'
