from __future__ import annotations

import asyncio

import pytest

from bot.errors import AccountRefused, NotSent
from bot.events import Delivery, DeliveryId, Post
from bot.platforms.base import Surroundings
from bot.platforms.matrix import NETWORK
from bot.richtext import say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import ACCOUNT, House, Memory, house, place, reading


def _post(room: str) -> Delivery:
    return Delivery(DeliveryId("d" + "0" * 26), place(room), Post(say("hello")))


async def _log_out(home: House) -> None:
    """End the adapter's session from elsewhere, as an administrator would."""
    token = home.memory.kept["session"].partition('"access_token":"')[2].partition('"')[0]
    headers = {"Authorization": f"Bearer {token}"}
    async with home.ada.http.post("/_matrix/client/v3/logout", headers=headers) as answer:
        assert answer.status == 200


def test_a_wrong_password_names_its_key_and_is_not_shown(synapse: Synapse) -> None:
    async def wrong() -> None:
        async with house(synapse) as home:
            matrix = home.matrix(password="not the password")
            with pytest.raises(AccountRefused) as caught:
                await matrix.open()
            await matrix.close()
            assert "matrix.coalition.password" in caught.value.mend
            assert "not the password" not in caught.value.mend + str(caught.value)

    asyncio.run(wrong())


def test_a_wrong_token_names_its_key(synapse: Synapse) -> None:
    async def wrong() -> None:
        async with house(synapse) as home:
            for token, key in (
                ("nonsense", "access_token"),
                (home.ada.person.access_token, "user_id"),
            ):
                matrix = home.matrix(password=None, access_token=token)
                with pytest.raises(AccountRefused) as caught:
                    await matrix.open()
                await matrix.close()
                assert f"matrix.coalition.{key}" in caught.value.mend

    asyncio.run(wrong())


def test_a_token_brings_its_device_with_it(synapse: Synapse) -> None:
    async def token() -> None:
        async with house(synapse) as home:
            who = await home.bot.call("GET", "account/whoami")
            matrix = home.matrix(password=None, access_token=home.bot.person.access_token)
            await matrix.open()
            assert matrix.session == who["device_id"]
            await matrix.close()

    asyncio.run(token())


def test_a_revoked_sign_in_is_replaced_at_the_start_and_while_running(synapse: Synapse) -> None:
    async def revoked() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            await matrix.open()
            first = matrix.session
            await _log_out(home)
            with pytest.raises(NotSent):
                await matrix.deliver(_post(room))
            second = matrix.session
            await matrix.deliver(_post(room))
            await matrix.close()
            await _log_out(home)
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                third = matrix.session
                await _log_out(home)
                await home.ada.say(room, "still heard")
                await inlet.until_text("still heard")
                assert len({first, second, third, matrix.session}) == 4

    asyncio.run(revoked())


def test_an_account_that_is_shut_out_ends_the_stream(synapse: Synapse) -> None:
    async def shut_out() -> None:
        async with house(synapse) as home:
            matrix = home.matrix(password=None, access_token=home.bot.person.access_token)
            stream = matrix.events()
            await home.bot.call("POST", "logout")
            with pytest.raises(AccountRefused):
                await anext(stream)
            assert not matrix.connected
            await matrix.close()

    asyncio.run(shut_out())


def test_a_homeserver_that_cannot_be_reached_is_no_refusal() -> None:
    async def unreachable() -> None:
        settings = NETWORK.settings.model_validate(
            {"homeserver": "http://127.0.0.1:9", "user_id": "@a:b.example", "password": "p"}
        )
        matrix = NETWORK.connect(settings, Surroundings(ACCOUNT, frozenset(), Memory()))
        with pytest.raises(NotSent):
            await matrix.open()
        findings = await matrix.check()
        assert [finding.ok for finding in findings] == [False]
        assert "matrix.coalition.homeserver" in findings[0].mend
        await matrix.close()
        await matrix.close()

    asyncio.run(unreachable())


def test_check_says_what_is_missing_and_how_to_mend_it(synapse: Synapse) -> None:
    async def check() -> None:
        async with house(synapse) as home:
            good, absent = await home.room(), await home.ada.make_room()
            silent = await home.ada.make_room(
                home.bot.id, power_level_content_override={"events_default": 50}
            )
            encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.other"}}
            sealed = await home.ada.make_room(home.bot.id, initial_state=[encryption])
            for room in (silent, sealed):
                await home.bot.join(room)
            lost = "#lost:coalition.example"
            matrix = home.matrix(good, absent, silent, sealed, lost)
            findings = await matrix.check()
            wrong = {finding.what: finding.mend for finding in findings if not finding.ok}
            assert set(wrong) == {
                f"{place(absent)}: membership",
                f"{place(silent)}: right to send and take back",
                f"{place(sealed)}: encrypted",
                f"{place(lost)}: alias",
            }
            assert all(wrong.values())
            assert f"{place(good)}: history" in {finding.what for finding in findings}
            await matrix.close()

    asyncio.run(check())


def test_the_rooms_that_the_bot_sees_are_listed(synapse: Synapse) -> None:
    async def listed() -> None:
        async with house(synapse) as home:
            joined = await home.ada.make_room(home.bot.id, name="Ransomware")
            await home.bot.join(joined)
            invited = await home.ada.make_room(home.bot.id, name="Phishing", preset="public_chat")
            matrix = home.matrix()
            found = {room.room: room for room in await matrix.list_rooms()}
            await matrix.close()
            assert (found[place(joined)].name, found[place(joined)].joined) == ("Ransomware", True)
            assert found[place(joined)].private
            assert (found[place(invited)].name, found[place(invited)].joined) == ("Phishing", False)
            assert not found[place(invited)].private

    asyncio.run(listed())
