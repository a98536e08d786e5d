"""What a message says now, as its copies still hold it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bot.bridge import copies
from bot.bridge.copies import Copy
from bot.bridge.labelling import unlabelled
from bot.bridge.parts import FIRST_FILE
from bot.events import Edit, Post
from bot.richtext import RichText, plain


def words_of(session: Session, number: int) -> str | None:
    """Its words, what is hidden in them left out; None where no copy has all of them any more."""
    for parts in copies.standing(session, number).values():
        held = [parts[part] for part in sorted(parts) if part < FIRST_FILE]
        said = _said(held)
        if said is not None:
            return said
    return None


def _said(parts: Iterable[Copy]) -> str | None:
    pieces = []
    for part in parts:
        if part.gone or not isinstance(part.content, Post | Edit):
            return None
        pieces.append(plain(_own_words(part.content), spoilers=False))
    return "\n".join(pieces) if pieces else None


def _own_words(content: Post | Edit) -> RichText:
    body = content.body
    if content.labelled:
        body = unlabelled(body, headed=content.headed)
    return RichText(body.blocks[1:]) if content.headed else body
