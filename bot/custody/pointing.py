"""What a message link leads to, where that is a post of the bot's own that lives on."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.platforms.base import MessageLink
from bot.platforms.registry import networks
from bot.store.tables import Outbox, Posting


def pointed_at(session: Session, typed: str) -> str | None:
    """The handle of what stands in the post that a link leads to, in any room that has it; None
    for what is no link, or leads elsewhere. Whether somebody may know of it is asked after this.
    """
    found = link_in(typed)
    if found is None:
        return None
    posts = select(Posting.ref).join(Outbox, Outbox.id == Posting.delivery)
    return session.execute(posts.where(*_is(found[1], found[0])).limit(1)).scalar()


def link_in(typed: str) -> tuple[str, MessageLink] | None:
    """The network and the message that a link leads to; None for what is no link."""
    text = typed.strip().removeprefix("<").removesuffix(">")
    for name, network in networks().items():
        link = network.read_link(text)
        if link is not None:
            return name, link
    return None


def _is(link: MessageLink, network: str) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        Outbox.landed == link.message,
        Outbox.room.startswith(f"{network}:", autoescape=True),
    ]
    if link.room is not None:
        where.append(Outbox.room.endswith(f"/{link.room}", autoescape=True))
    return where
