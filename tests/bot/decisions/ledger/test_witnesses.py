"""Heads that are signed and time-stamped: what that proves, to us and to whoever has a bundle."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decisions import heralding
from bot.decisions.ledger import (
    evidence,
    exporting,
    naming,
    stamping,
    verify,
    verifying,
    witnessing,
    writing,
)
from bot.decisions.ledger.signing import Signer, is_signed, statement
from bot.decisions.ledger.witnessing import Trust
from bot.delivery.lease import Leases
from bot.events import Post
from bot.feeds.fetching import Way
from bot.richtext import plain
from bot.store.database import Database
from bot.store.tables.witnesses import Witness
from bot.tasks.closer import LEASE
from bot.tasks.stamps import Stamps
from tests.bot.decisions.council import OPENED, SmallCouncil, council
from tests.bot.decisions.ledger.authority import OPENSSL, Authority
from tests.stores import opened, sqlite_url

DAY = timedelta(days=1)
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl here")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def signer(number: int = 1) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def tell(house: SmallCouncil, own: Signer | None) -> str:
    """Open a proposal and tell the head of the next day; what is told."""
    house.propose()
    heralding.tell(house.session, house, OPENED, own)
    posts = heralding.tell(house.session, house, OPENED + DAY, own)
    house.session.flush()
    assert isinstance(posts[0].content, Post)
    return plain(posts[0].content.body)


def test_a_head_that_is_told_is_signed_where_there_is_a_key_and_says_so(
    house: SmallCouncil,
) -> None:
    said = tell(house, signer())
    number, own = writing.head(house.session, "RTF")
    (row,) = witnessing.of(house.session, "RTF")
    assert row.signature is not None
    assert row.signature.hex() in said
    assert is_signed(signer().public, row.signature, "RTF", number, own.hex())
    found = witnessing.examine(house.session, "RTF", Trust(signer().public))
    assert (found.signed, found.key, found.wrong) == (number, signer().public, None)


def test_without_a_key_nothing_is_signed_and_nothing_is_wrong(house: SmallCouncil) -> None:
    assert "Ed25519" not in tell(house, None)
    found = witnessing.examine(house.session, "RTF", Trust())
    assert (found.signed, found.stamped, found.wrong) == (None, None, None)


@pytest.mark.parametrize("what", ["signature", "hash", "entry", "key"])
def test_whatever_is_altered_of_a_witness_is_found(house: SmallCouncil, what: str) -> None:
    tell(house, signer())
    (row,) = witnessing.of(house.session, "RTF")
    assert row.signature is not None
    match what:
        case "signature":
            row.signature = bytes([row.signature[0] ^ 1]) + row.signature[1:]
        case "hash":
            row.hash = bytes(32)
        case "entry":
            row.entry += 1
        case _:  # signed anew by another
            other = signer(2)
            row.key, row.signature = other.public, other.sign("RTF", row.entry, row.hash.hex())
    house.session.flush()
    found = witnessing.examine(house.session, "RTF", Trust(signer().public))
    assert found.wrong is not None


@given(st.binary(max_size=40), st.integers(0, 511))
@settings(max_examples=15, deadline=None)
def test_the_scripts_own_arithmetic_agrees_with_the_library_about_signatures(
    said: bytes, bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    public, signature = key.public_key().public_bytes_raw(), key.sign(said)
    assert verify.is_signed(public, signature, said)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify.is_signed(public, bytes(flipped), said)
    assert not verify.is_signed(public, signature, said + b"x")


def bundle(house: SmallCouncil, folder: Path) -> Path:
    """A bundle's files, unpacked."""
    (folder / "heads").mkdir(parents=True)
    entries = b"".join(exporting.lines(house.session, ["RTF"]))
    (folder / "entries.jsonl").write_bytes(entries)
    script = resources.files("bot.decisions.ledger").joinpath("verify.py").read_bytes()
    (folder / "verify.py").write_bytes(script)
    for name, content in evidence.files(house.session, ["RTF"]):
        (folder / name).write_bytes(content)
    return folder


def script(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def test_the_script_of_a_bundle_verifies_the_signatures_and_names_the_key(
    house: SmallCouncil, tmp_path: Path
) -> None:
    tell(house, signer())
    folder, key = bundle(house, tmp_path / "bundle"), signer().public.hex()
    for arguments in ([], ["--key", key]):
        status, out = script(folder, *arguments)
        assert status == 0, out
        assert f"signed up to entry 2, by the key {key}" in out
    status, out = script(folder, "--key", signer(2).public.hex())
    assert status == 1
    heads = folder / "heads.jsonl"
    told = json.loads(heads.read_text())
    heads.write_text(json.dumps({**told, "signature": "00" * 64}) + "\n")
    status, out = script(folder)
    assert (status, "its signature is not that of the key" in out) == (1, True)
    heads.write_text("no json\n")
    assert script(folder)[0] == 1


@needs_openssl
def test_what_the_bundle_says_of_openssl_is_so(
    house: SmallCouncil, tmp_path: Path, authority: Authority
) -> None:
    tell(house, signer())
    (row,) = witnessing.of(house.session, "RTF")
    asked = stamping.question("RTF", row.entry, row.hash.hex())
    row.stamp = authority.answer(asked.content)
    house.session.flush()
    folder = bundle(house, tmp_path / "bundle")
    key = next(folder.glob("heads/*.pem"))
    commands = [
        ["pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin", "-in", "heads/RTF-2.txt",
         "-sigfile", "heads/RTF-2.sig"],
        ["ts", "-verify", "-data", "heads/RTF-2.txt", "-in", "heads/RTF-2.tsr",
         "-CAfile", str(authority.roots_file)],
    ]  # fmt: skip
    for command in commands:
        subprocess.run([str(OPENSSL), *command], check=True, capture_output=True, cwd=folder)


@needs_openssl
def test_an_answer_proves_the_head_that_was_asked_about_and_no_other(authority: Authority) -> None:
    own = "ab" * 32
    asked = stamping.question("RTF", 3, own)
    answer, roots = authority.answer(asked.content), [authority.root]
    assert stamping.stamped_at(answer, roots, "RTF", 3, own, asked.nonce) is not None
    assert stamping.stamped_at(answer, roots, "RTF", 4, own) is None
    assert stamping.stamped_at(answer, roots, "RTF", 3, own, (asked.nonce or 0) + 1) is None
    for place in range(0, len(answer), 97):
        damaged = bytearray(answer)
        damaged[place] ^= 1
        stamping.stamped_at(bytes(damaged), roots, "RTF", 3, own)  # says no, or is unimpressed
    assert stamping.stamped_at(b"", roots, "RTF", 3, own) is None
    assert stamping.stamped_at(b"<html>", roots, "RTF", 3, own) is None


@needs_openssl
def test_an_authority_of_others_is_not_believed(authority: Authority, tmp_path: Path) -> None:
    asked = stamping.question("RTF", 3, "ab" * 32)
    answer = authority.answer(asked.content)
    assert stamping.stamped_at(answer, [Authority(tmp_path).root], "RTF", 3, "ab" * 32) is None


@needs_openssl
def test_heads_are_stamped_when_the_authority_is_back_and_nothing_waits_for_it(
    tmp_path: Path, authority: Authority
) -> None:
    async def play(database: Database) -> None:
        leases = Leases()
        fences = await database.run(lambda s: leases.acquire(s, [LEASE], OPENED, alone=True))
        leases.took(fences)
        row = Witness(series="RTF", entry=1, hash=bytes(32), at=OPENED)
        await database.run(lambda s: s.add(row))
        async with authority.serving():
            stamps = Stamps(database, leases, authority.address, [authority.root], Way())
            authority.up = False
            assert not await stamps.look()
            authority.up = True
            assert await stamps.look()
            asked = authority.asked
            assert await stamps.look(), "nothing is left"
            assert authority.asked == asked
        down = Stamps(database, leases, authority.address, [authority.root], Way())
        await database.run(lambda s: s.add(Witness(series="X", entry=1, hash=bytes(32), at=OPENED)))
        assert not await down.look(), "nobody answers there any more"
        (kept,) = await database.read(lambda s: list(witnessing.of(s, "RTF")))
        assert kept.stamped is not None
        assert kept.stamp is not None
        assert stamping.stamped_at(kept.stamp, [authority.root], "RTF", 1, "00" * 32)

    with opened(sqlite_url(tmp_path)) as database:
        asyncio.run(play(database))


def test_what_is_signed_is_a_line_that_people_can_read() -> None:
    line = statement("RTF", 12, "ab" * 32).decode()
    assert line == f"liaison: the ledger of RTF has 12 entries, its head is {'ab' * 32}\n"


def rotated(house: SmallCouncil) -> tuple[str, str]:
    """Heads of three days, the last of which another key signed; both keys."""
    house.propose()
    heralding.tell(house.session, house, OPENED, signer())
    for day, own in ((1, signer()), (2, signer()), (3, signer(2))):
        heralding.tell(house.session, house, OPENED + day * DAY, own)
    house.session.flush()
    return signer().public.hex(), signer(2).public.hex()


def test_what_an_earlier_key_signed_is_held_against_that_key(
    house: SmallCouncil, tmp_path: Path
) -> None:
    old, new = rotated(house)
    assert [(at, key.hex()) for at, key in naming.named(house.session, "RTF")] == [
        (2, old), (3, new),
    ]  # fmt: skip
    found = witnessing.examine(house.session, "RTF", Trust(signer(2).public))
    assert (found.wrong, found.signed, found.key) == (None, 3, signer(2).public)
    assert verifying.verify(house.session, "RTF").wrong is None
    folder = bundle(house, tmp_path / "bundle")
    for arguments in ([], ["--key", new], ["--key", old, "--key", new]):
        status, out = script(folder, *arguments)
        assert status == 0, out
        assert f"signed up to entry 2, by the key {old}" in out
        assert f"signed up to entry 3, by the key {new}" in out
    status, out = script(folder, "--key", old)
    assert (status, new in out) == (1, True)


def test_nobody_signs_old_heads_anew_with_a_key_of_their_own(
    house: SmallCouncil, tmp_path: Path
) -> None:
    rotated(house)
    first, *_ = witnessing.of(house.session, "RTF")
    for other in (signer(2), signer(3)):
        first.key = other.public
        first.signature = other.sign("RTF", first.entry, first.hash.hex())
        house.session.flush()
        for trust in (Trust(), Trust(signer(2).public), Trust(signer(3).public)):
            found = witnessing.examine(house.session, "RTF", trust)
            assert found.wrong == (first.entry, "its signature is not that of the key")
        status, _ = script(bundle(house, tmp_path / other.public.hex()))
        assert status == 1


def test_heads_from_before_a_chain_named_keys_are_held_against_the_first(
    house: SmallCouncil,
) -> None:
    house.propose()
    number, own = writing.head(house.session, "RTF")
    witnessing.keep(house.session, "RTF", number, own, signer(), OPENED)
    assert witnessing.examine(house.session, "RTF", Trust(signer().public)).signed == 1
    assert witnessing.examine(house.session, "RTF", Trust(signer(2).public)).wrong is not None
    heralding.tell(house.session, house, OPENED, signer())
    assert naming.named(house.session, "RTF") == [(2, signer().public)]
    assert witnessing.examine(house.session, "RTF", Trust(signer(2).public)).signed == 1


def test_an_empty_chain_names_no_key(house: SmallCouncil) -> None:
    heralding.tell(house.session, house, OPENED, signer())
    heralding.tell(house.session, house, OPENED + DAY, signer())
    assert naming.named(house.session, "RTF") == []
