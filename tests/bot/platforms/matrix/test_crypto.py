"""What other devices and homeservers may try, without any of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import vodozemac

from bot.errors import NotSent, Refused
from bot.platforms.matrix.connection import Connection
from bot.platforms.matrix.crypto.book import Book
from bot.platforms.matrix.crypto.devices import Device, read_owner
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.mailbox import Asked, Mailbox, Taken
from bot.platforms.matrix.crypto.olm import MEGOLM, Myself, Peer, myself, own_keys, seal
from bot.platforms.matrix.crypto.ring import Closed, Opened, Ring
from bot.platforms.matrix.crypto.rooms import EncryptedRooms
from bot.platforms.matrix.envelope import RoomEvent

ROOM = "!room:example.org"


class Other:
    """Another device, and what it writes to us."""

    def __init__(self, user: str = "@ada:example.org") -> None:
        self.account = vodozemac.Account()
        self.me = myself(self.account, user, "ADA")
        self.group = vodozemac.GroupSession()
        self._session: vodozemac.Session | None = None

    def writes(
        self, kind: str, content: dict[str, Any], to: Myself, key: str, *, user: str = ""
    ) -> dict[str, Any]:
        if self._session is None:
            self._session = self.account.create_outbound_session(
                vodozemac.Curve25519PublicKey.from_base64(to.curve25519),
                vodozemac.Curve25519PublicKey.from_base64(key),
            )
        peer = Peer(user or to.user, to.device, to.ed25519, to.curve25519)
        sealed = seal(self._session, self.me, {}, peer, kind, content)
        return {"type": "m.room.encrypted", "sender": self.me.user, "content": sealed}

    def room_key(self) -> dict[str, Any]:
        return {
            "algorithm": MEGOLM,
            "room_id": ROOM,
            "session_id": self.group.session_id,
            "session_key": self.group.session_key.to_base64(),
        }

    def says(
        self, text: str, event: str = "$e", room: str = ROOM, relation: Any = None
    ) -> RoomEvent:
        inside = {"type": "m.room.message", "content": {"body": text}, "room_id": room}
        content = {
            "algorithm": MEGOLM,
            "ciphertext": self.group.encrypt(json.dumps(inside).encode()).to_base64(),
            "session_id": self.group.session_id,
            "sender_key": self.me.curve25519,
        }
        more = {} if relation is None else {"m.relates_to": relation}
        return RoomEvent("m.room.encrypted", event, self.me.user, 1, content | more)


class Ours:
    """Our device, with its keys in a file."""

    def __init__(self, file: Path) -> None:
        self.keystore = Keystore(file)
        self.keystore.use("OURS", bytes(32))
        self.ring = Ring(self.keystore)
        self.asked: dict[tuple[str, str], Asked] = {}
        self.ours: frozenset[str] = frozenset()
        account = vodozemac.Account()
        account.generate_one_time_keys(5)
        self.me = myself(account, "@bot:example.org", "OURS")
        self.keys = iter([key.to_base64() for key in account.one_time_keys.values()])
        self._keep(account)

    def _keep(self, account: vodozemac.Account) -> None:
        def keep(book: Book) -> None:
            book.keep_account(account, published=True)

        asyncio.run(self.keystore.run(keep))

    def take(self, *messages: object) -> Taken:
        box = Mailbox(self.me, self.ours, self.asked)
        raws = [msgspec.Raw(json.dumps(message).encode()) for message in messages]
        return asyncio.run(self.keystore.run(lambda book: box.take(book, raws)))

    def read(self, event: RoomEvent, room: str = ROOM) -> Opened | Closed:
        return asyncio.run(self.ring.read(room, event))


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Ours]:
    found = Ours(tmp_path / "keys")
    yield found
    asyncio.run(found.keystore.close())


def test_a_key_is_kept_and_reads_what_it_is_for(ours: Ours) -> None:
    ada = Other()
    told = ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys))
    assert ours.take(told).keys == [(ROOM, ada.group.session_id)]
    read = ours.read(ada.says("hello"))
    assert isinstance(read, Opened)
    assert (read.event.type, read.event.content) == ("m.room.message", {"body": "hello"})


def test_the_same_message_again_does_nothing_and_breaks_nothing(ours: Ours) -> None:
    ada = Other()
    told = ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys))
    ours.take(told)
    again = ours.take(told, told)
    assert (again.keys, again.broken) == ([], [])
    more = ada.writes("m.dummy", {}, ours.me, "")
    assert ours.take(more).broken == []


def test_what_cannot_be_opened_is_told_as_broken(ours: Ours) -> None:
    stranger = Other()
    key = vodozemac.Account()
    key.generate_one_time_keys(1)
    (unknown,) = key.one_time_keys.values()
    told = stranger.writes("m.room_key", stranger.room_key(), ours.me, unknown.to_base64())
    assert ours.take(told).broken == [(stranger.me.user, stranger.me.curve25519)]


def test_nobody_can_hand_on_what_another_said(ours: Ours) -> None:
    ada, one = Other(), next(ours.keys)
    told = ada.writes("m.room_key", ada.room_key(), ours.me, one)
    assert ours.take(told | {"sender": "@eve:example.org"}).keys == []
    bob = Other("@bob:example.org")
    told = bob.writes("m.room_key", bob.room_key(), ours.me, next(ours.keys), user="@x:y")
    assert ours.take(told).keys == []


def test_a_message_is_its_senders_and_its_rooms_alone(ours: Ours) -> None:
    ada = Other()
    ours.take(ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys)))
    forged = msgspec.structs.replace(ada.says("x"), sender="@eve:example.org")
    assert ours.read(forged) == Closed("another sender's key")
    assert ours.read(ada.says("x", "$f", room="!other:x")) == Closed("of another room, or no event")
    said = ada.says("once", "$g")
    assert isinstance(ours.read(said), Opened)
    assert isinstance(ours.read(said), Opened)
    again = msgspec.structs.replace(said, event_id="$h")
    assert ours.read(again) == Closed("played again")


def test_nobody_replaces_anothers_key(ours: Ours) -> None:
    ada, eve = Other(), Other("@eve:example.org")
    ours.take(ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys)))
    told = eve.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys))
    assert ours.take(told).keys == []
    assert isinstance(ours.read(ada.says("still hers")), Opened)


def test_the_relation_in_the_clear_counts(ours: Ours) -> None:
    ada = Other()
    ours.take(ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys)))
    relation = {"rel_type": "m.thread", "event_id": "$root"}
    read = ours.read(ada.says("x", relation=relation))
    assert isinstance(read, Opened)
    assert read.event.content["m.relates_to"] == relation


def test_a_forwarded_key_is_taken_only_where_it_was_asked_for(ours: Ours) -> None:
    ada, eve = Other(), Other("@eve:example.org")
    exported = vodozemac.InboundGroupSession(ada.group.session_key).export_at(0)
    assert exported is not None
    content = ada.room_key() | {
        "session_key": exported.to_base64(),
        "sender_key": ada.me.curve25519,
        "sender_claimed_ed25519_key": ada.me.ed25519,
        "forwarding_curve25519_key_chain": [],
    }
    kind, wanted = "m.forwarded_room_key", (ROOM, ada.group.session_id)
    assert ours.take(ada.writes(kind, content, ours.me, next(ours.keys))).keys == []
    ours.asked[wanted] = Asked(ada.me.user, ada.me.curve25519)
    assert ours.take(eve.writes(kind, content, ours.me, next(ours.keys))).keys == []
    assert ours.take(ada.writes(kind, content, ours.me, "")).keys == [wanted]
    assert isinstance(ours.read(ada.says("late")), Opened)


def test_a_forwarded_key_from_our_own_verified_device_is_taken(ours: Ours) -> None:
    ada, mine = Other(), Other("@bot:example.org")
    exported = vodozemac.InboundGroupSession(ada.group.session_key).export_at(0)
    assert exported is not None
    content = ada.room_key() | {
        "session_key": exported.to_base64(),
        "sender_key": ada.me.curve25519,
        "sender_claimed_ed25519_key": ada.me.ed25519,
    }
    wanted = (ROOM, ada.group.session_id)
    ours.asked[wanted] = Asked(ada.me.user, ada.me.curve25519)
    told = mine.writes("m.forwarded_room_key", content, ours.me, next(ours.keys))
    assert ours.take(told).keys == []
    ours.ours = frozenset({mine.me.curve25519})
    told = mine.writes("m.forwarded_room_key", content, ours.me, "")
    assert ours.take(told).keys == [wanted]


JUNK: list[Any] = [
    None, 1, "x", [], {}, {"type": "m.room.encrypted"}, {"type": 1, "sender": 2, "content": 3},
    {"type": "m.room.encrypted", "sender": "@a:b", "content": {"algorithm": "m.olm.v1"}},
    {"type": "m.room_key_request", "sender": "@a:b", "content": {"action": "request", "body": 1}},
]  # fmt: skip


@pytest.mark.parametrize("body", ["", "AAAA", "?", 7, None])
@pytest.mark.parametrize("kind", [0, 1, 2, -1, "x", None, 2**70])
def test_junk_harms_nothing(ours: Ours, kind: Any, body: Any) -> None:
    sealed = {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": "no key",
        "ciphertext": {ours.me.curve25519: {"type": kind, "body": body}},
    }
    junk = {"type": "m.room.encrypted", "sender": "@a:b", "content": sealed}
    ada = Other()
    key = ada.writes("m.room_key", ada.room_key(), ours.me, next(ours.keys))
    assert len(ours.take(*JUNK, junk, key).keys) == 1


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"algorithm": "m.other", "session_id": "x"},
        {"algorithm": MEGOLM},
        {"algorithm": MEGOLM, "session_id": "x", "ciphertext": "?"},
        {"algorithm": MEGOLM, "session_id": "x", "ciphertext": 1},
    ],
)
def test_events_of_no_known_shape_are_closed(ours: Ours, content: Any) -> None:
    assert isinstance(ours.read(RoomEvent("m.room.encrypted", "$e", "@a:b", 1, content)), Closed)


def test_a_unit_that_fails_leaves_nothing(ours: Ours) -> None:
    def fails(book: Book) -> None:
        book.keep_room(ROOM, "{}")
        raise RuntimeError

    with contextlib.suppress(RuntimeError):
        asyncio.run(ours.keystore.run(fails))
    assert asyncio.run(ours.keystore.run(lambda book: book.rooms())) == {}


def test_a_file_that_cannot_be_used_waits(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"no database" * 1000)
    with pytest.raises(NotSent):
        asyncio.run(Keystore(tmp_path / "keys").run(lambda book: book.rooms()))


class _Homeserver:
    """Answers about one room's encryption, when it is let."""

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer
        self.may = asyncio.Event()

    async def call(self, *_asked: object, **_more: object) -> dict[str, Any]:
        await self.may.wait()
        if self.answer is None:
            raise Refused("M_NOT_FOUND")
        return self.answer


def _rooms(home: _Homeserver, ours: Ours) -> EncryptedRooms:
    return EncryptedRooms(cast("Connection", home), ours.keystore, lambda: None)


def test_a_room_asked_about_twice_at_once_is_encrypted_both_times(ours: Ours) -> None:
    async def twice() -> None:
        home = _Homeserver({"algorithm": MEGOLM})
        rooms = _rooms(home, ours)
        asking = [asyncio.create_task(rooms.encryption(ROOM)) for _ in range(5)]
        home.may.set()
        assert None not in await asyncio.gather(*asking)

    asyncio.run(twice())


def test_a_room_that_was_encrypted_once_is_for_ever(ours: Ours) -> None:
    async def once() -> None:
        home = _Homeserver({"algorithm": MEGOLM, "rotation_period_msgs": 7})
        home.may.set()
        found = await _rooms(home, ours).encryption(ROOM)
        assert found is not None
        assert found.messages == 7
        home.answer = None
        rooms = _rooms(home, ours)
        assert await rooms.encryption(ROOM) == found
        off = RoomEvent("m.room.encryption", "$e", "@a:b", 1, {}, "")
        await rooms.note(ROOM, off)
        assert await rooms.encryption(ROOM) == found

    asyncio.run(once())


def test_a_room_encrypted_in_another_way_is_refused(ours: Ours) -> None:
    async def other() -> None:
        home = _Homeserver({"algorithm": "m.other"})
        home.may.set()
        with pytest.raises(Refused, match="unknown encryption"):
            await _rooms(home, ours).encryption(ROOM)

    asyncio.run(other())


def test_only_devices_that_signed_themselves_are_devices() -> None:
    ada = Other()
    keys = own_keys(ada.account, ada.me)
    user, name = ada.me.user, ada.me.device

    def read(changed: dict[str, Any]) -> dict[str, Device]:
        return dict(read_owner(user, {"device_keys": {user: {name: changed}}}).devices)

    assert set(read(keys)) == {name}
    assert not read(keys)[name].verified
    for bad in (
        {**keys, "user_id": "@eve:example.org"},
        {**keys, "device_id": "EVE"},
        {**keys, "keys": Other().me.keys["keys"]},
        {**keys, "algorithms": []},
        {**keys, "signatures": {}},
        {},
    ):
        assert read(bad) == {}
