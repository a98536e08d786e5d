"""Carries deliveries out: the requests that write into rooms."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import (
    AccountId,
    Delete,
    Delivery,
    Edit,
    MessageId,
    Post,
    React,
    Share,
    Topic,
    Unreact,
)
from bot.platforms.base import Sent
from bot.platforms.matrix import outbound
from bot.platforms.matrix.attachments import read_handle
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto import AnyCrypto
from bot.platforms.matrix.envelope import DELIVERY_KEY, as_object, decode
from bot.platforms.matrix.media import Media
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.utterances import ENCRYPTED, MESSAGE
from bot.platforms.matrix.wire import SentEvent
from bot.platforms.pictures import Pictures
from bot.richtext import Emoji, RichText
from bot.richtext.walking import leaves

_MOST_PAGES = 20
"""Pages of reactions to one message that are read to find our own."""


class _Relations(msgspec.Struct):
    chunk: list[msgspec.Raw] = []
    next_batch: str | None = None


class Sender:
    """Sends into rooms, by the homeserver's ids; every method raises as `Connection.fetch`."""

    def __init__(
        self,
        session: Session,
        connection: Connection,
        media: Media,
        crypto: AnyCrypto,
        pictures: Pictures,
    ) -> None:
        self._session = session
        self._connection = connection
        self._media = media
        self._crypto = crypto
        self._pictures = pictures

    async def send(self, delivery: Delivery, room: str) -> Sent:
        """Carry out one delivery in a room. Its id is the transaction's: it cannot double, even
        if it was encrypted anew.
        """
        delivery = self._pictured(delivery)
        hidden = await self._crypto.is_encrypted(room)
        largest = outbound.LARGEST_HIDDEN if hidden else outbound.LARGEST_CONTENT
        match delivery.content:
            case Share(file):
                placed = await self._media.place(delivery, file, hidden=hidden)
                request = outbound.request(delivery, placed, largest=largest)
            case Unreact(message=message, emoji=emoji, reaction=None):
                reaction = await self._own_reaction(room, message, emoji)
                if reaction is None:
                    return Sent(None)
                request = outbound.redaction(delivery, reaction)
            case Post(body) | Edit(body):
                pictures = self._emoji(body)
                request = outbound.request(delivery, largest=largest, pictures=pictures)
            case _:
                request = outbound.request(delivery, largest=largest)
        if hidden and request.where[:2] == ("send", MESSAGE):
            content = await self._crypto.encrypt(room, MESSAGE, request.content)
            # the transaction's id, which the homeserver knows already: so that we know our own
            # even where its key is lost
            content[DELIVERY_KEY] = delivery.id
            request = outbound.Request(("send", ENCRYPTED, delivery.id), content)
        where = path("rooms", room, *request.where)
        try:
            answer = await self._connection.call(SentEvent, "PUT", where, request.content)
        except Refused as error:
            return await self._settled(delivery, room, error)
        if isinstance(delivery.content, Share):
            await self._media.forget(delivery)
        return Sent(MessageId(answer.event_id))

    def _pictured(self, delivery: Delivery) -> Delivery:
        """The same with the author's picture as the address that it has on a homeserver."""
        content = delivery.content
        if not isinstance(content, Post | Edit | Share) or content.author is None:
            return delivery
        if not content.author.picture:
            return delivery
        lies = read_handle(content.author.picture)  # on a homeserver, where every one can get it
        address = lies.mxc if lies is not None else self._pictures.of(content.author)
        shown = replace(content.author, picture=address)
        return replace(delivery, content=replace(content, author=shown))

    def _emoji(self, body: RichText) -> dict[str, str]:
        """Where the pictures of emoji lie that are there by now."""
        found: dict[str, str] = {}
        for leaf in leaves(body):
            if isinstance(leaf, Emoji) and leaf.picture:
                account, _, handle = leaf.picture.partition(" ")
                address = self._pictures.at(AccountId(account), handle)
                if address:
                    found[leaf.text] = address
        return found

    async def _settled(self, delivery: Delivery, room: str, error: Refused) -> Sent:
        """What a refusal means that says that all is as it should be already."""
        match delivery.content:
            case React(emoji, message) if error.reason == "M_DUPLICATE_ANNOTATION":
                return Sent(await self._own_reaction(room, message, emoji))
            case Delete() | Unreact() if error.reason == "M_NOT_FOUND":
                return Sent(None)
            case _:
                raise error

    async def _own_reaction(self, room: str, message: MessageId, emoji: str) -> MessageId | None:
        """Our own reaction to a message, None if there is none.

        Raises `NotSent`, never `OutcomeUnknown`: reading changes nothing.
        """
        parts = ("rooms", room, "relations", message, "m.annotation", "m.reaction")
        asked: dict[str, str] = {"limit": "100"}
        for _ in range(_MOST_PAGES):
            where = path(*parts, prefix="client/v1", **asked)
            try:
                page = await self._connection.call(_Relations, "GET", where)
            except Refused as error:
                if error.reason == "M_NOT_FOUND":
                    return None
                raise
            except OutcomeUnknown as error:
                raise NotSent(error.reason) from error
            for event in map(decode, page.chunk):
                if event is None or event.sender != self._session.me:
                    continue
                if _key(event.content) == outbound.key(emoji) and isinstance(event.event_id, str):
                    return MessageId(event.event_id)
            if page.next_batch is None:
                return None
            asked["from"] = page.next_batch
        return None


def _key(content: Any) -> Any:
    return as_object(as_object(content).get("m.relates_to")).get("key")


REPEATABLE = (Delete, Unreact, Topic)
"""What carries no mark of ours by which it could be found, and may simply be done again."""
