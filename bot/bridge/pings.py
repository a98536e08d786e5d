"""Calls to everyone that the channel does not let ping: said as words."""

from __future__ import annotations

from msgspec.structs import replace

from bot.richtext import Everyone, Inline, RichText
from bot.richtext.walking import changed, leaves


def quiet(body: RichText) -> RichText:
    """The same body, in which nobody is pinged; the very same where nobody was."""
    if any(type(leaf) is Everyone and leaf.ping for leaf in leaves(body)):
        return changed(body, _quiet)
    return body


def _quiet(leaf: Inline) -> Inline:
    return replace(leaf, ping=False) if isinstance(leaf, Everyone) else leaf
