from __future__ import annotations

import asyncio
import io
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]  # it brings no types
import pytest
from nio.crypto.attachments import decrypt_attachment  # type: ignore[import-untyped]  # no types

from bot.events import (
    AccountId,
    Answer,
    Author,
    Content,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    File,
    MessageDeleted,
    MessageEdited,
    MessageId,
    Moved,
    PersonId,
    Post,
    React,
    Reacted,
    Share,
    Topic,
    TopicChanged,
    Undeliverable,
)
from bot.platforms.matrix.adapter import Matrix
from bot.platforms.matrix.crypto import waiting
from bot.platforms.matrix.crypto.devices import read_owner
from bot.richtext import plain, say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.ally import ENCRYPTED, Ally, ally, hidden_room
from tests.bot.platforms.matrix.house import (
    ACCOUNT,
    House,
    Inlet,
    eventually,
    house,
    place,
    reading,
)
from tests.bot.platforms.matrix.identities import WRONG, cross_sign, store_secret

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")
BYTES = bytes(range(256)) * 1000


@dataclass
class Scene:
    """An encrypted room with Ada's client in it, and the bot's adapter, which is being read."""

    home: House
    room: str
    ada: Ally
    matrix: Matrix
    inlet: Inlet
    number: int = 0

    def delivery(self, content: Content) -> Delivery:
        self.number += 1
        return Delivery(DeliveryId(f"d{self.number:026}"), place(self.room), content)

    async def deliver(self, content: Content) -> MessageId:
        sent = await self.matrix.deliver(self.delivery(content))
        assert sent.message is not None
        return sent.message

    def of(self, kind: type[Any]) -> list[Any]:
        return [a.event for a in self.inlet.arrivals if isinstance(a.event, kind)]

    async def until(self, kind: type[Any]) -> Any:
        await self.inlet.until(lambda _: bool(self.of(kind)))
        return self.of(kind)[-1]


@asynccontextmanager
async def scene(synapse: Synapse, folder: Path, **more: Any) -> AsyncIterator[Scene]:
    async with house(synapse) as home:
        home.folder = folder
        room = await hidden_room(home)
        async with ally(home, folder / "ada") as ada:
            matrix = home.matrix(room, **more)
            async with reading(matrix, home.memory) as inlet:
                yield Scene(home, room, ada, matrix, inlet)


def play(
    synapse: Synapse, folder: Path, act: Callable[[Scene], Awaitable[None]], **more: Any
) -> None:
    async def whole() -> None:
        async with scene(synapse, folder, **more) as played:
            await act(played)

    asyncio.run(whole())


async def _in_the_clear(home: House, room: str) -> list[str]:
    told = await home.ada.call("GET", f"rooms/{room}/messages", dir="b", limit="100")
    return [each["type"] for each in told["chunk"] if "body" in each["content"]]


def test_text_is_carried_both_ways_and_nothing_in_the_clear(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        sent = await on.deliver(Post(say("from Slack"), GRACE))
        heard = await on.ada.until_text("Grace: from Slack")
        assert (heard.event_id, heard.decrypted) == (sent, True)
        await on.ada.say(on.room, "from Matrix")
        await on.inlet.until_text("from Matrix")
        assert on.inlet.posted[-1].author.name == "Ada L."
        await on.inlet.until(lambda all_: any(e.own == f"d{1:026}" for e in all_.posted))
        assert await _in_the_clear(on.home, on.room) == []

    play(synapse, tmp_path, act)


def test_edits_threads_answers_reactions_deletions_and_topics_work(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        root = await on.ada.say(on.room, "root")
        thread = {"rel_type": "m.thread", "event_id": root}
        await on.ada.say(on.room, "in the thread", **{"m.relates_to": thread})
        await on.inlet.until_text("in the thread")
        assert on.inlet.posted[-1].thread == root
        new = {"msgtype": "m.text", "body": "root, mended"}
        edit = {"rel_type": "m.replace", "event_id": root}
        await on.ada.say(on.room, "* root, mended", **{"m.new_content": new, "m.relates_to": edit})
        edited = await on.until(MessageEdited)
        assert (edited.message, plain(edited.body)) == (root, "root, mended")
        key = {"rel_type": "m.annotation", "event_id": root, "key": "👍"}
        await on.ada.send(on.room, {"m.relates_to": key}, "m.reaction")
        assert (await on.until(Reacted)).emoji == "👍"
        await on.ada.client.room_redact(on.room, root)
        assert (await on.until(MessageDeleted)).message == root

        first = await on.deliver(Post(say("ours"), GRACE))
        await on.deliver(Post(say("answer"), GRACE, thread=first))
        await on.deliver(Edit(say("ours, mended"), GRACE, first))
        shown = await on.ada.until_text("Grace: answer")
        assert shown.source["content"]["m.relates_to"]["event_id"] == first
        change = await on.ada.until_text("* Grace: ours, mended")
        assert change.source["content"]["m.relates_to"]["rel_type"] == "m.replace"
        assert change.source["content"]["m.new_content"]["body"] == "Grace: ours, mended"
        await on.deliver(React("✅", first))
        await on.deliver(Delete(first))
        power = {"users": {on.home.bot.id: 100}}
        await on.home.ada.call("PUT", f"rooms/{on.room}/state/m.room.power_levels", power)
        await on.deliver(Topic("a topic"))
        assert (await on.until(TopicChanged)).topic == "a topic"

    play(synapse, tmp_path, act)


def test_files_are_encrypted_on_their_way_and_decrypted_on_ours(
    synapse: Synapse, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def elsewhere(_file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(BYTES), 50_001):
                yield BYTES[start : start + 50_001]

        yield pieces()

    async def act(on: Scene) -> None:
        file = File(AccountId("slack:alpha"), "F1", "a.bin", size=len(BYTES))
        delivery = on.delivery(Share(file, GRACE))
        assert await on.matrix.deliver(delivery) == await on.matrix.deliver(delivery)
        await on.ada.until(lambda a: any(hasattr(e, "key") for e in a.events))
        heard = next(e for e in on.ada.events if hasattr(e, "key"))
        fetched = await on.ada.client.download(mxc=heard.url)
        assert fetched.body != BYTES
        opened = decrypt_attachment(fetched.body, heard.key["k"], heard.hashes["sha256"], heard.iv)
        assert opened == BYTES

        put, keys = await on.ada.client.upload(
            lambda _tries, _times: io.BytesIO(BYTES), "text/plain", "b.txt", encrypt=True,
            filesize=len(BYTES),
        )  # fmt: skip
        content = {"msgtype": "m.file", "body": "b.txt", "info": {"size": len(BYTES)}}
        await on.ada.send(on.room, content | {"file": {**keys, "url": put.content_uri}})
        await on.inlet.until(lambda all_: any(e.files and e.own is None for e in all_.posted))
        (theirs,) = next(e.files for e in on.inlet.posted if e.files and e.own is None)
        async with on.matrix.open_file(theirs) as chunks:
            assert b"".join([chunk async for chunk in chunks]) == BYTES

    play(synapse, tmp_path, act, open_file=elsewhere)


def test_a_delivery_that_is_repeated_after_a_restart_lands_once_and_is_found(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        delivery = on.delivery(Post(say("once"), GRACE))
        sent = await on.matrix.deliver(delivery)
        device = on.matrix.session
        await on.matrix.close()
        again = on.home.matrix(on.room)
        await again.open()
        assert again.session == device != ""
        assert await again.deliver(delivery) == sent
        assert await again.find(delivery) == sent
        assert await again.find(on.delivery(Post(say("once"), GRACE))) is None
        await again.close()
        assert await _in_the_clear(on.home, on.room) == []

    play(synapse, tmp_path, act)


def test_what_was_said_while_the_bot_was_away_is_read_when_it_comes_back(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def back() -> None:
        async with house(synapse) as home:
            home.folder = tmp_path
            room = await hidden_room(home)
            async with ally(home, tmp_path / "ada") as ada:
                async with reading(home.matrix(room), home.memory) as inlet:
                    await ada.say(room, "before")
                    await inlet.until_text("before")
                for number in range(120):  # its session changes in between
                    await ada.say(room, f"away {number}")
                async with reading(home.matrix(room), home.memory) as inlet:
                    await inlet.until_text("away 119")
                    assert inlet.texts == [f"away {number}" for number in range(120)]

    asyncio.run(back())


def test_a_room_that_becomes_encrypted_is_written_to_encrypted_for_ever(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def becomes() -> None:
        async with house(synapse) as home:
            home.folder = tmp_path
            room = await home.room()
            async with ally(home, tmp_path / "ada") as ada:
                matrix = home.matrix(room)
                async with reading(matrix, home.memory) as inlet:
                    post = Post(say("plain"), GRACE)
                    await matrix.deliver(Delivery(DeliveryId("d" + "1" * 26), place(room), post))
                    where = f"rooms/{room}/state/m.room.encryption"
                    await home.ada.call("PUT", where, ENCRYPTED["content"])
                    await home.ada.call("PUT", f"rooms/{room}/state/m.room.topic", {"topic": "x"})
                    await inlet.until(
                        lambda all_: any(isinstance(a.event, TopicChanged) for a in all_.arrivals)
                    )
                    post = Post(say("hidden"), GRACE)
                    await matrix.deliver(Delivery(DeliveryId("d" + "2" * 26), place(room), post))
                    heard = await ada.until_text("Grace: hidden")
                    assert heard.decrypted
                    assert matrix.capabilities.longest_text == 43_000
                # the homeserver says another thing, or nothing, after a restart
                kept = sqlite3.connect(tmp_path / "matrix.coalition.keys")
                assert kept.execute("SELECT id FROM room").fetchall() == [(room,)]
                kept.close()
            assert await _in_the_clear(home, room) == ["m.room.message"]

    asyncio.run(becomes())


def test_an_answer_to_a_question_in_an_encrypted_room_is_encrypted(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        person = PersonId(f"{ACCOUNT}/{on.home.ada.id}")
        await on.deliver(Answer(person, say("in private")))
        invited = (await on.home.ada.call("GET", "sync", timeout="0"))["rooms"]["invite"]
        (room,) = invited
        await on.ada.client.join(room)
        assert (await on.ada.until_text("in private")).decrypted
        assert await _in_the_clear(on.home, room) == []
        # a direct room that was made in the clear becomes encrypted when it has to be
        await on.deliver(Answer(person, say("again")))
        await on.ada.until_text("again")

    play(synapse, tmp_path, act)


def test_a_message_whose_key_is_withheld_is_told_of_and_mended_when_the_key_comes(
    synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.3)

    async def act(on: Scene) -> None:
        await on.ada.say(on.room, "can be read")
        await on.inlet.until_text("can be read")
        olm = on.ada.client.olm
        device = olm.device_store[on.home.bot.id][on.matrix.session]
        on.ada.client.blacklist_device(device)
        olm.outbound_group_sessions.clear()
        event = await on.ada.say(on.room, "hidden from the bot")
        await on.ada.say(on.room, "hidden as well")
        await on.inlet.until(lambda all_: len(all_.posted) == 2)
        line = on.inlet.posted[-1]
        assert (line.message, plain(line.body)[:1]) == (event, "🔒")
        assert on.inlet.kinds.count("waits for its key") == 2

        session_id = olm.outbound_group_sessions[on.room].id
        key = olm.inbound_group_store.get(
            on.room, olm.account.identity_keys["curve25519"], session_id
        )
        session = olm.session_store.get(device.curve25519)
        forward = olm._encrypt_forwarding_key(on.room, key, session, device)
        await on.ada.client.to_device(forward)
        await on.inlet.until_text("hidden as well")
        (edited,) = on.of(MessageEdited)
        assert (edited.message, plain(edited.body)) == (event, "hidden from the bot")
        assert len(on.inlet.posted) == 3

    play(synapse, tmp_path, act)


def test_keys_that_are_lost_are_asked_for_and_given_again(synapse: Synapse, tmp_path: Path) -> None:
    """Two of our own, since nio gives no key again but to its own user."""

    async def asked() -> None:
        async with house(synapse) as home:
            home.folder = tmp_path
            room = await hidden_room(home)
            theirs = House(home.synapse, home.ada, home.bot, home.bob, folder=tmp_path / "theirs")
            (tmp_path / "theirs").mkdir()
            speaker = theirs.matrix(room)
            async with reading(speaker, theirs.memory):
                async with reading(home.matrix(room), home.memory):
                    pass
                for number in range(3):
                    post = Post(say(f"number {number}"), GRACE)
                    name = DeliveryId(f"d{number:026}")
                    await speaker.deliver(Delivery(name, place(room), post))
                # the keys come, and are lost
                async with reading(home.matrix(room), home.memory) as inlet:
                    await inlet.until_text("Grace: number 2")
                keys = sqlite3.connect(tmp_path / "matrix.coalition.keys")
                keys.execute("DELETE FROM inbound")
                keys.commit()
                keys.close()
                home.memory.marks.clear()
                again = home.matrix(room)
                async with reading(again, home.memory) as inlet:
                    post = Post(say("number 3"), GRACE)
                    await speaker.deliver(Delivery(DeliveryId("d" + "x" * 26), place(room), post))
                    await inlet.until_text("Grace: number 3")
                    assert "waits for its key" in inlet.kinds

    asyncio.run(asked())


def test_when_the_keys_are_gone_the_bot_goes_on_as_a_new_device(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        await on.deliver(Post(say("first"), GRACE))
        await on.ada.until_text("Grace: first")
        old = on.matrix.session
        await on.matrix.close()
        (tmp_path / "matrix.coalition.keys").unlink()
        again = on.home.matrix(on.room)
        async with reading(again, on.home.memory) as inlet:
            assert again.session not in {"", old}
            post = on.delivery(Post(say("second"), GRACE))
            await again.deliver(post)
            await on.ada.until_text("Grace: second")
            first = Delivery(DeliveryId(f"d{1:026}"), place(on.room), Post(say("first"), GRACE))
            assert await again.find(first) is not None
            await eventually(lambda: _knows(on.ada, on.home.bot.id, again.session))
            await on.ada.say(on.room, "I see you")
            await inlet.until_text("I see you")

    play(synapse, tmp_path, act)


async def _knows(ada: Ally, user: str, device: str) -> bool:
    return device in ada.client.olm.device_store[user]


def test_keys_of_another_database_are_set_aside(synapse: Synapse, tmp_path: Path) -> None:
    async def act(on: Scene) -> None:
        await on.matrix.close()
        on.home.memory.kept.pop("keys")
        again = on.home.matrix(on.room)
        async with reading(again, on.home.memory):
            await again.deliver(on.delivery(Post(say("goes on"), GRACE)))
            await on.ada.until_text("Grace: goes on")
        assert (tmp_path / "matrix.coalition.keys.old").exists()

    play(synapse, tmp_path, act)


def test_the_file_of_the_keys_is_for_the_bot_alone_and_holds_no_key_in_the_clear(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        await on.ada.say(on.room, "hello")
        await on.inlet.until_text("hello")
        file = tmp_path / "matrix.coalition.keys"
        assert file.stat().st_mode & 0o077 == 0
        session = on.ada.client.olm.outbound_group_sessions[on.room]
        assert session.session_key[20:60].encode() not in file.read_bytes()

    play(synapse, tmp_path, act)


def test_unverified_devices_are_neither_told_nor_heard(synapse: Synapse, tmp_path: Path) -> None:
    async def act(on: Scene) -> None:
        await on.deliver(Post(say("not for all"), GRACE))
        await on.ada.until(lambda a: any(isinstance(e, nio.MegolmEvent) for e in a.events))
        assert on.ada.find("Grace: not for all") is None
        await on.ada.say(on.room, "who hears me?")
        refused = await on.until(Undeliverable)
        assert "not verified" in refused.reason
        assert on.inlet.texts == []
        await on.home.ada.say(on.room, "in the clear")
        await on.inlet.until(lambda _: len(on.of(Undeliverable)) == 2)
        assert "not encrypted" in on.of(Undeliverable)[-1].reason

    play(synapse, tmp_path, act, unverified_devices="refuse")


@pytest.mark.parametrize("signed", [True, False])
def test_a_recovery_key_makes_the_bots_device_a_verified_one(
    synapse: Synapse, tmp_path: Path, signed: bool
) -> None:
    async def verified() -> None:
        async with house(synapse) as home:
            home.folder = tmp_path
            room = await hidden_room(home)
            keys = await cross_sign(home.bot)
            shown = await store_secret(home.bot, keys.own)
            matrix = home.matrix(room, recovery_key=shown if signed else WRONG)
            async with reading(matrix, home.memory), ally(home, tmp_path / "ada") as ada:
                await matrix.deliver(
                    Delivery(DeliveryId("d" + "1" * 26), place(room), Post(say("hi"), GRACE))
                )
                await ada.until_text("Grace: hi")

                async def is_verified() -> bool:
                    told = await home.ada.call(
                        "POST", "keys/query", {"device_keys": {home.bot.id: []}}
                    )
                    return read_owner(home.bot.id, told).devices[matrix.session].verified

                if signed:
                    await eventually(is_verified)
                else:
                    assert not await is_verified()
                found = {f.what: f for f in await matrix.check()}
                device = found[f"{ACCOUNT}: device signed by its account"]
                assert device.ok is signed
                assert ("recovery key" in device.mend) is not signed

    asyncio.run(verified())


def test_verified_devices_are_told_and_heard(synapse: Synapse, tmp_path: Path) -> None:
    async def act(on: Scene) -> None:
        keys = await cross_sign(on.home.ada)
        await on.deliver(Post(say("not for all"), GRACE))
        await keys.sign(on.home.ada, on.ada.client.device_id)
        await on.inlet.until(lambda _: True)

        async def is_told() -> bool:
            await on.deliver(Post(say("for the verified"), GRACE))
            return on.ada.find("Grace: for the verified") is not None

        await eventually(is_told)
        await on.ada.say(on.room, "heard")
        await on.inlet.until_text("heard")
        assert on.ada.find("Grace: not for all") is None
        found = {f.what: f for f in await on.matrix.check()}
        name = f"{place(on.room)}: every device is verified"
        assert not found[name].ok  # the bot's own other one is not
        assert on.home.bot.id in found[name].mend
        assert on.home.ada.id not in found[name].mend

    play(synapse, tmp_path, act, unverified_devices="refuse")


def test_a_broken_session_between_two_devices_is_made_anew(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        await on.ada.say(on.room, "before")
        await on.inlet.until_text("before")
        olm = on.ada.client.olm
        device = olm.device_store[on.home.bot.id][on.matrix.session]
        keys = sqlite3.connect(tmp_path / "matrix.coalition.keys")
        keys.execute("DELETE FROM olm")
        keys.commit()
        keys.close()
        # ours answers, so that hers writes no more with the key that begins a session
        olm.outbound_group_sessions.clear()
        await on.ada.say(on.room, "may be lost")
        sessions = olm.session_store[device.curve25519]

        async def is_mended() -> bool:
            return len(sessions) > 1

        await eventually(is_mended)
        olm.outbound_group_sessions.clear()
        await on.ada.say(on.room, "after")
        await on.inlet.until_text("after")

    play(synapse, tmp_path, act)


def test_who_leaves_is_given_no_later_key(synapse: Synapse, tmp_path: Path) -> None:
    async def act(on: Scene) -> None:
        bob = on.home.bob
        async with ally(on.home, tmp_path / "bob", bob) as client:
            await on.deliver(Post(say("for Ada"), GRACE))
            first = (await on.ada.until_text("Grace: for Ada")).session_id
            await on.home.ada.call("POST", f"rooms/{on.room}/invite", {"user_id": bob.id})
            await bob.join(on.room)
            await on.until(Moved)
            await on.deliver(Post(say("with Bob"), GRACE))
            assert (await on.ada.until_text("Grace: with Bob")).session_id == first
            await client.until_text("Grace: with Bob")
            await bob.call("POST", f"rooms/{on.room}/leave", {})
            await on.inlet.until(lambda _: not on.of(Moved)[-1].joined)
            await on.deliver(Post(say("without Bob"), GRACE))
            assert (await on.ada.until_text("Grace: without Bob")).session_id != first

    play(synapse, tmp_path, act)


def test_a_device_that_is_signed_out_while_the_bot_runs_is_followed_by_another(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        await on.deliver(Post(say("first"), GRACE))
        await on.ada.until_text("Grace: first")
        old = on.matrix.session
        await on.home.bot.call("POST", "logout/all", {})

        async def is_another() -> bool:
            known = on.ada.client.olm.device_store[on.home.bot.id]
            return on.matrix.session != old and on.matrix.session in known

        await eventually(is_another)
        await on.deliver(Post(say("second"), GRACE))
        await on.ada.until_text("Grace: second")
        await on.ada.say(on.room, "I see you")
        await on.inlet.until_text("I see you")

    play(synapse, tmp_path, act)
