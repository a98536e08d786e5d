"""Files, streamed out of Slack and into it, against the stand-in."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import AccountId, Delete, File, FileKind, MessageId, MessagePosted, Quoted, Share
from bot.platforms.base import OpenFile
from bot.richtext import plain
from bot.sandbox.slack.things import File as Upload
from tests.bot.platforms.slack.test_delivering import GRACE, delivery
from tests.bot.platforms.slack.workplace import Place, Remembered, place, reading, run

PIECE = b"0123456789abcdef" * 4096


def elsewhere(content: bytes, size: int | None = -1, **other: Any) -> File:
    """A file of another network; `size` as its home says."""
    length = len(content) if size == -1 else size
    return File(
        AccountId("matrix:c"), "mxc://x/1", other.pop("name", "a.bin"), size=length, **other
    )


@dataclass
class Home:
    """Where a file lies; `failures` happen first, one at each opening, after a piece."""

    content: bytes
    failures: list[PlatformError]
    opened: int = 0

    def open(self) -> OpenFile:
        @asynccontextmanager
        async def opened(file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
            assert file.handle == "mxc://x/1"
            self.opened += 1
            yield self.pieces(self.failures.pop(0) if self.failures else None)

        return opened

    async def pieces(self, failure: PlatformError | None) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(self.content), len(PIECE)):
            yield self.content[start : start + len(PIECE)]
            if failure is not None:
                raise failure


def home(content: bytes, *failures: PlatformError) -> Home:
    return Home(content, list(failures))


def shown(at: Place) -> list[tuple[str, bytes]]:
    """The name and bytes of each file that a message of the room shows."""
    uploads = at.workspace.world.files
    return [
        (uploads[found["id"]].name, uploads[found["id"]].content)
        for message in at.workspace.messages(at.channel)
        for found in message.get("files", ())
    ]


@pytest.mark.parametrize("size", [-1, None, 3, 10_000_000])
def test_a_file_is_shown_once_whatever_its_home_says_of_its_size(size: int | None) -> None:
    async def scenario() -> None:
        content = PIECE * 3 + b"end"
        there = home(content)
        async with place(open_file=there.open()) as at:
            root = MessageId(at.say("root"))
            file = elsewhere(content, size, name="../x/a.bin", alt="a cat")
            made = delivery(at, Share(file, GRACE, root))
            sent = await at.platform.deliver(made)
            message = at.workspace.messages(at.channel)[-1]
            assert (message["ts"], message["thread_ts"]) == (sent.message, root)
            assert message["text"] == "Grace:"
            assert shown(at) == [([".._x_a.bin"][-1], content)]
            assert await at.platform.find(made) == sent

    run(scenario())


def test_an_empty_file_is_refused_as_slack_takes_none() -> None:
    async def scenario() -> None:
        async with place(open_file=home(b"").open()) as at:
            with pytest.raises(Refused):
                await at.platform.deliver(delivery(at, Share(elsewhere(b"", None))))

    run(scenario())


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(NotSent("cut"), NotSent), (OutcomeUnknown("cut"), NotSent), (Refused("gone"), Refused)],
)
def test_a_file_that_fails_on_the_way_is_not_shown_and_tried_again(
    failure: PlatformError, kind: type[PlatformError]
) -> None:
    async def scenario() -> None:
        content = PIECE * 2
        async with place(open_file=home(content, failure).open()) as at:
            made = delivery(at, Share(elsewhere(content)))
            with pytest.raises(kind) as raised:
                await at.platform.deliver(made)
            assert raised.value.reason == failure.reason
            assert not shown(at)
            await at.platform.deliver(made)
            assert shown(at) == [("a.bin", content)]

    run(scenario())


def test_a_file_that_slack_shows_late_is_waited_for_and_found() -> None:
    async def scenario() -> None:
        async with place(open_file=home(b"x").open()) as at:
            at.workspace.fault("share_late", seconds=1.0)
            made = delivery(at, Share(elsewhere(b"x"), GRACE))
            with pytest.raises(OutcomeUnknown):
                await at.platform.deliver(made)
            with pytest.raises(OutcomeUnknown):
                await at.platform.find(made)  # it may still come
            await at.workspace.until(lambda: bool(shown(at)))
            found = await at.platform.find(made)
            assert found is not None
            assert found == await at.platform.deliver(made)
            assert len(shown(at)) == 1

    run(scenario())


def test_a_file_that_slack_never_shows_is_taken_back_and_sent_anew() -> None:
    async def scenario() -> None:
        there = home(b"x")
        memory = Remembered()
        async with place(open_file=there.open(), memory=memory) as at:
            at.workspace.fault("share_never")
            made = delivery(at, Share(elsewhere(b"x"), GRACE))
            with pytest.raises(OutcomeUnknown):
                await at.platform.deliver(made)
            (key,) = memory.values
            lost = memory.values[key].split()[0]
            memory.values[key] = f"{lost} 1700000000"  # long ago
            assert await at.platform.find(made) is None
            await at.platform.deliver(made)
            assert lost not in at.workspace.world.files
            assert shown(at) == [("a.bin", b"x")]

    run(scenario())


@pytest.mark.parametrize("trouble", ["cut_before", "cut_after", "apply_late", "broken"])
@pytest.mark.parametrize("method", ["files.completeUploadExternal", "files.getUploadURLExternal"])
def test_an_interrupted_share_is_shown_once(trouble: str, method: str) -> None:
    async def scenario() -> None:
        there = home(b"x")
        async with place(open_file=there.open()) as at:
            at.workspace.fault(trouble, method, seconds=0.05)
            made = delivery(at, Share(elsewhere(b"x"), GRACE))
            with pytest.raises(PlatformError):
                await at.platform.deliver(made)
            if trouble == "apply_late" and "complete" in method:
                await at.workspace.until(lambda: bool(shown(at)))
            found = await at.platform.find(made)
            sent = found or await at.platform.deliver(made)
            assert sent.message is not None
            assert await at.platform.deliver(made) == sent
            assert len(shown(at)) == 1
            assert there.opened <= 2

    run(scenario())


def test_taking_a_file_back_takes_the_file_too() -> None:
    async def scenario() -> None:
        async with place(open_file=home(b"x").open()) as at:
            made = delivery(at, Share(elsewhere(b"x"), GRACE))
            sent = await at.platform.deliver(made)
            assert sent.message is not None
            for _ in range(2):
                await at.platform.deliver(delivery(at, Delete(sent.message, made.id), 2))
            assert not at.workspace.world.files
            assert not at.workspace.messages(at.channel)

    run(scenario())


# ── out of Slack ────────────────────────────────────────────────────────────────────────────────


async def fetched(at: Place, file: File) -> bytes:
    async with at.platform.open_file(file) as pieces:
        return b"".join([piece async for piece in pieces])


def test_files_of_a_message_are_fetched_as_they_were_put() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            content = PIECE * 5
            at.workspace.upload(
                at.channel, at.ada, "cat.png", content, comment="look", mimetype="image/png"
            )
            await reader.until(lambda: bool(reader.of(MessagePosted)))
            (event,) = reader.of(MessagePosted)
            (file,) = event.files
            assert (plain(event.body), file.name, file.kind) == ("look", "cat.png", FileKind.IMAGE)
            assert (file.mimetype, file.size) == ("image/png", len(content))
            assert await fetched(at, file) == content

    run(scenario())


def uploaded(at: Place) -> Upload:
    at.workspace.upload(at.channel, at.ada, "a.txt", "text")
    return next(iter(at.workspace.world.files.values()))


def test_a_file_known_by_its_id_alone_is_asked_for() -> None:
    async def scenario() -> None:
        async with place() as at:
            id_ = uploaded(at).id
            assert await fetched(at, File(at.platform.account, id_, "a.txt")) == b"text"
            with pytest.raises(Refused):
                await fetched(at, File(at.platform.account, "F404", "a.txt"))

    run(scenario())


def test_a_message_waits_for_facts_of_its_files_and_goes_ahead_without() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            id_ = uploaded(at).id
            await reader.until(lambda: len(reader.of(MessagePosted)) == 1)
            event = {"type": "message", "channel": at.channel, "user": at.ada, "text": "see",
                     "files": [{"id": id_, "file_access": "check_file_info"},
                               {"id": "F404", "file_access": "check_file_info"}]}  # fmt: skip
            payload = {"type": "event_callback", "event": {**event, "ts": "1700000000.000100"}}
            at.workspace.inject(payload)
            await reader.until(lambda: len(reader.of(MessagePosted)) == 2)
            found = reader.of(MessagePosted)[1].files
            assert [(file.name, file.size) for file in found] == [("a.txt", 4), ("F404", None)]

    run(scenario())


def test_a_file_that_is_shared_anew_shows_the_message_that_brought_it() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            file = uploaded(at)
            await reader.until(lambda: len(reader.of(MessagePosted)) == 1)
            first = reader.of(MessagePosted)[0]
            again = {"id": file.id, "name": "a.txt", "mimetype": "text/plain", "timestamp": 1}
            event = {"type": "message", "channel": at.channel, "user": at.ada, "text": "see",
                     "files": [again], "ts": "9700000000.000100"}  # fmt: skip
            at.workspace.inject({"type": "event_callback", "event": event})
            await reader.until(lambda: len(reader.of(MessagePosted)) == 2)
            assert reader.of(MessagePosted)[1].quotes == (Quoted(first.room, first.message),)

    run(scenario())


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/a", "https://slack.com.evil.example/a", "http://files.slack.com/a",
     "https://files.slack.com@evil.example/a", "ftp://files.slack.com/a", "https://evilslack.com/"],
)  # fmt: skip
def test_the_token_goes_to_slack_alone(address: str) -> None:
    async def scenario() -> None:
        async with place() as at:
            with pytest.raises(Refused) as raised:
                await fetched(at, File(at.platform.account, f"F1 {address}", "a"))
            assert raised.value.reason == "file_elsewhere"

    run(scenario())


def test_the_page_to_sign_in_is_never_taken_for_a_file() -> None:
    async def scenario() -> None:
        async with place() as at:
            id_ = uploaded(at).id
            address = f"{at.workspace.world.address}/files/{id_}/download/a.txt"
            at.workspace.app.scopes.discard("files:read")
            file = File(at.platform.account, f"{id_} {address}", "a.txt", mimetype="text/plain")
            with pytest.raises(NotSent) as raised:
                await fetched(at, file)
            assert raised.value.reason == "sign_in_page"

    run(scenario())


def test_a_web_page_that_was_shared_is_a_file() -> None:
    async def scenario() -> None:
        async with place() as at:
            page = "<title>a</title>"
            at.workspace.upload(at.channel, at.ada, "a.html", page, mimetype="text/html")
            (upload,) = at.workspace.world.files.values()
            address = f"{at.workspace.world.address}/files/{upload.id}/download/a.html"
            file = File(at.platform.account, f"{upload.id} {address}", "a.html",
                        mimetype="text/html", size=len(page))  # fmt: skip
            assert await fetched(at, file) == page.encode()

    run(scenario())


def test_a_large_file_is_never_whole_in_our_memory() -> None:
    async def scenario() -> None:
        size = 32 * 2**20

        @asynccontextmanager
        async def large(file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
            async def pieces() -> AsyncGenerator[bytes, None]:
                for _ in range(size // len(PIECE)):
                    yield PIECE

            yield pieces()

        async with place(open_file=large) as at:
            tracemalloc.start()
            await at.platform.deliver(delivery(at, Share(elsewhere(b"", size), GRACE)))
            ours = [tracemalloc.Filter(True, "*/bot/platforms/slack/*")]
            taken = tracemalloc.take_snapshot().filter_traces(ours)
            tracemalloc.stop()
            assert sum(trace.size for trace in taken.traces) < 1_000_000
            (upload,) = at.workspace.world.files.values()
            digest = hashlib.sha256(upload.content).digest()
            assert digest == hashlib.sha256(PIECE * (size // len(PIECE))).digest()
            address = f"{at.workspace.world.address}/files/{upload.id}/download/a.bin"
            got = hashlib.sha256()
            async with at.platform.open_file(
                File(at.platform.account, f"{upload.id} {address}", "a")
            ) as pieces:
                async for piece in pieces:
                    assert len(piece) <= 2**18
                    got.update(piece)
            assert got.digest() == digest

    run(scenario())
