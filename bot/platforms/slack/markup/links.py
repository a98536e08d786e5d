"""Which links are links: what a network made by itself is the characters that were typed, and no
link has another face than where it leads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.richtext import Inline, Link, Text

LONGEST_URL = 3_000
"""https://docs.slack.dev/reference/block-kit/block-elements/button-element, field `url`."""

_SCHEMES = ("", "http://", "https://", "mailto:", "tel:")
"""What Slack puts before what it makes a link of by itself."""
_LIVE = re.compile(r"(?:https?://|mailto:)[^\s<>\"\x00-\x20\x7f\ud800-\udfff]+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://)?"
    r"(?:[^\s/@:.,;()\[\]<>\"']+@)?"
    r"(?:[^\s/@:.,;()\[\]<>\"'?#]{1,63}\.){1,20}[^\W_]{2,24}"
    r"(?:[:/?#][^\s\"'<>]*)?"
    r"|[a-z][a-z0-9+.-]{1,20}://\S+|(?:\d{1,3}\.){3}\d{1,3}\S*",
    re.IGNORECASE,
)
_LONGEST_FACE = 200


def is_made(url: str, text: str) -> bool:
    """Whether a network made the link of its text: the address is it, or it with a scheme."""
    return not text or url.rstrip("/") in {f"{scheme}{text}".rstrip("/") for scheme in _SCHEMES}


def link(url: str, text: str | None, style: int = 0) -> Link:
    """A link of Slack's, told from those it made itself; without a text it shows its address."""
    shown = " ".join(text.split("\n")) if text else url
    return Link(url, shown, style, made=is_made(url, shown))


def held(leaf: Link) -> Iterator[Inline]:
    """What Slack is given for a link.

    A whole address that shows as itself stays a link without a text; another that a network made
    (`main.rs`) is its characters. A text that looks like an address, but not like this one, is
    followed by the real one; so is one that can turn the writing direction. What a click could do
    other than open a page or a mail is text.
    """
    url, text = leaf.url, leaf.text.strip() and leaf.text
    if not _LIVE.fullmatch(url) or len(url) > LONGEST_URL:
        yield Text(
            text if leaf.made or text == url else f"{text} ({url})" if text else url, leaf.style
        )
    elif not text or text == url:
        yield Link(url, url, leaf.style, made=True)
    elif leaf.made or is_made(url, text):
        yield Text(text, leaf.style)
    elif misleads(url, text):
        yield Text(f"{text} (", leaf.style)
        yield Link(url, url, leaf.style, made=True)
        yield Text(")", leaf.style)
    else:
        yield leaf


def misleads(url: str, text: str) -> bool:
    """Whether a text shows, or could show, another address than the one it leads to."""
    if len(text) > _LONGEST_FACE or any(
        unicodedata.category(character) in {"Cf", "Cc", "Co", "Cn"} and character != "\u200d"
        for character in text
    ):
        return True
    target = _bare(url)
    return any(
        not _leads(target, _bare(found[0]))
        for found in _ADDRESS.finditer(unicodedata.normalize("NFKC", text).replace("。", "."))
    )


def _bare(url: str) -> str:
    for scheme in ("https://", "http://", "mailto:"):
        url = url.removeprefix(scheme) if url.startswith(scheme) else url
    return url.lower().rstrip("/.,;:!?)")


def _leads(target: str, shown: str) -> bool:
    rest = target.removeprefix("www.").removeprefix(shown.removeprefix("www."))
    begins = target.removeprefix("www.").startswith(shown.removeprefix("www."))
    return begins and (not rest or rest[0] in "/?#:")
