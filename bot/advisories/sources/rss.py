"""RSS and Atom, read by feedparser from bytes that we fetched: it never fetches itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import feedparser

from bot.advisories.sources.item import Item, clean, cves_in, is_address, one_line
from bot.advisories.sources.refusals import Refusal, Refused
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.written import read_marking

MOST = 2000
"""Entries of a feed that are looked at."""
_LONGEST = 20_000
_INLINE = frozenset({"b", "i", "em", "strong", "a", "span", "sub", "sup", "code", "u", "small"})
"""Of these a title is rid; any other tag in it is text that somebody wrote."""
_BLOCKS = frozenset(
    {
        "p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table",
        "section", "article", "blockquote", "pre", "hr",
    }
)  # fmt: skip
_KNOWN = _INLINE | _BLOCKS | frozenset({"td", "th", "tbody", "thead", "img", "script", "style"})
_NO_COMMENT = re.compile(r"<(?=[!?](?!--))")


def read_rss(content: bytes) -> Iterator[Item | Refused]:
    """Each entry, or why it is none. Raises Refused for what is no feed, and for one that declares
    entities, which no feed needs.
    """
    if b"<!ENTITY" in content[:100_000]:
        raise Refused(Refusal.UNREADABLE)
    found: Any = feedparser.parse(
        BytesIO(content), sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version"):
        raise Refused(Refusal.UNREADABLE)
    author = one_line(str(found.feed.get("title", "")), 100)
    for entry in found.entries[:MOST]:
        yield _item(entry, author)


def _item(entry: Any, author: str) -> Item | Refused:
    title = one_line(text_of(_string(entry, "title"), known=_INLINE))
    link = _string(entry, "link").strip()
    own = _string(entry, "id").strip() or link
    if not title:
        return Refused(Refusal.NAMELESS, own[:80])
    summary = text_of(_body(entry))
    try:
        label = _label(title, summary)
    except Refused as error:
        return error
    updated = _string(entry, "updated") or _string(entry, "published")
    printed = blake2b(f"{title}\n{summary}".encode(), digest_size=8).hexdigest()
    return Item(
        identity=f"rss {own or title}"[:500],
        name=one_line(author, 24) or "RSS",
        title=title,
        summary=summary[:4000],
        details=(("Source", author),) if author else (),
        label=label,
        cves=cves_in(f"{title}\n{summary}"),
        references=(link,) if is_address(link) else (),
        version=printed,
        updated=one_line(updated, 40),
    )


def _label(title: str, summary: str) -> Label | None:
    """The strictest that its words bear or speak of: nobody has to say it in a set way."""
    text = f"{title}\n{summary}"
    if "tlp" not in text.casefold():
        return None
    read = read_marking(say(text))
    found = [each for each in (read.label, read.raises) if each is not None]
    label = max(found, default=None, key=lambda each: each.rank)
    if label is Label.RED:
        raise Refused(Refusal.RED, title[:80])
    return label


def _body(entry: Any) -> str:
    contents = entry.get("content") or []
    first = contents[0].get("value", "") if contents else ""
    return _string(entry, "summary") or str(first)


def _string(entry: Any, key: str) -> str:
    found = dict.get(entry, key)  # its own `get` takes one date for another, and warns
    return found[:_LONGEST] if isinstance(found, str) else ""


class _Text(HTMLParser):
    """What can be read of HTML; tags that are none of `known` are text."""

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._known = known
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in self._known:
            self.parts.append(self.get_starttag_text() or "")
            return
        self._silent += tag in {"script", "style"}
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._known:
            self.parts.append(f"</{tag}>")
            return
        self._silent -= tag in {"script", "style"} and self._silent > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def text_of(html: str, *, known: frozenset[str] = _KNOWN) -> str:
    """The text of HTML, without any of its marks."""
    reader = _Text(known)
    reader.feed(_NO_COMMENT.sub("&lt;", html[:_LONGEST]))
    reader.close()
    lines = (" ".join(line.split()) for line in clean("".join(reader.parts)).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
