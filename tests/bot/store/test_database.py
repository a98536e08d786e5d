"""The unit of work: whole or not at all, none lost, on both databases."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.errors import ConfigurationError, StoreBusy, StoreError
from bot.store.database import Database, open_database
from bot.store.tables import Mark
from tests.stores import opened, sqlite_url


def put(scope: str, position: str) -> Mark:
    return Mark(scope=scope, position=position)


def position(session: Session, scope: str) -> str | None:
    return session.execute(select(Mark.position).where(Mark.scope == scope)).scalar()


def add(scope: str, session: Session) -> None:
    session.add(put(scope, "1"))


def count_up(session: Session) -> None:
    mark = session.get(Mark, "counter")
    assert mark is not None
    mark.position = str(int(mark.position) + 1)


def test_no_update_is_lost_between_concurrent_units(database: Database) -> None:
    async def scenario() -> str | None:
        await database.run(lambda s: s.add(put("counter", "0")))
        await asyncio.gather(*(database.run(count_up) for _ in range(120)))
        return await database.read(lambda s: position(s, "counter"))

    assert asyncio.run(scenario()) == "120"


def test_no_update_is_lost_between_two_processes_stores(store_url: str) -> None:
    with opened(store_url) as one, opened(store_url) as two:
        one.run_now(lambda s: s.add(put("counter", "0")))

        def repeat(database: Database) -> None:
            for _ in range(40):
                database.run_now(count_up)

        threads = [threading.Thread(target=repeat, args=(each,)) for each in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert one.read_now(lambda s: position(s, "counter")) == "80"


def test_a_failing_unit_harms_no_other(database: Database) -> None:
    def fail(session: Session) -> None:
        session.add(put("failed", "1"))
        session.flush()
        raise ZeroDivisionError

    async def scenario() -> list[object]:
        works = [
            database.run(lambda s: s.add(put("before", "1"))),
            database.run(fail),
            database.run(lambda s: s.add(put("after", "1"))),
        ]
        return await asyncio.gather(*works, return_exceptions=True)

    outcomes = asyncio.run(scenario())
    assert isinstance(outcomes[1], ZeroDivisionError)
    scopes = database.read_now(lambda s: set(s.execute(select(Mark.scope)).scalars()))
    assert scopes == {"before", "after"}


def test_a_unit_whose_caller_was_cancelled_is_done_whole(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        session.add(put("first", "1"))
        session.flush()
        begun.set()
        assert go_on.wait(10)
        session.add(put("second", "1"))

    async def scenario() -> None:
        task = asyncio.create_task(database.run(slow))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await database.run(lambda s: s.add(put("third", "1")))

    asyncio.run(scenario())
    database.close()
    scopes = database.read_now(lambda s: set(s.execute(select(Mark.scope)).scalars()))
    assert scopes == {"first", "second", "third"}


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((DBAPIError, StoreError)):
        database.read_now(lambda s: s.execute(insert(Mark).values(scope="x", position="1")))


def test_readers_are_not_refused_while_others_write(database: Database) -> None:
    async def scenario() -> None:
        await database.run(lambda s: s.add(put("counter", "0")))
        writes = [database.run(count_up) for _ in range(60)]
        reads = [
            database.read(lambda s: [position(s, "counter") for _ in range(3)]) for _ in range(60)
        ]
        _, seen = await asyncio.gather(asyncio.gather(*writes), asyncio.gather(*reads))
        assert all(len(set(each)) == 1 for each in seen), "a reader sees one moment"

    asyncio.run(scenario())


def test_a_url_that_is_none_of_ours_is_refused() -> None:
    for url in ("nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql://x/y"):
        with pytest.raises(ConfigurationError, match=r"store\.url"):
            open_database(url)


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────


def test_the_pragmas_are_what_durability_needs(tmp_path: Path) -> None:
    def pragmas(session: Session) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with opened(sqlite_url(tmp_path), durable=True) as sqlite:
        assert sqlite.run_now(pragmas) == expected
        assert asyncio.run(sqlite.run(pragmas)) == expected
        assert sqlite.read_now(pragmas) == expected
        query_only = sqlite.read_now(lambda s: s.execute(text("PRAGMA query_only")).scalar())
    assert query_only == 1


def test_units_begin_immediate_and_share_a_commit(sqlite: Database) -> None:
    statements: list[str] = []
    event.listen(
        sqlite.engine,
        "connect",
        lambda connection, _: connection.set_trace_callback(statements.append),
    )
    commits: list[int] = []
    event.listen(sqlite.engine, "commit", lambda _c: commits.append(1))
    begun, go_on = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        begun.set()
        assert go_on.wait(10)

    async def scenario() -> None:
        first = asyncio.create_task(sqlite.run(hold))
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(sqlite.run(partial(add, f"m{n}"))) for n in range(20)]
        # each task has put its unit into the queue once the loop has gone round
        await asyncio.wait(others, timeout=0)
        go_on.set()
        await asyncio.gather(first, *others)

    asyncio.run(scenario())
    begins = [each for each in statements if each.startswith("BEGIN")]
    assert set(begins) == {"BEGIN IMMEDIATE"}
    assert len(begins) == len(commits) == 2


def test_a_missing_folder_gets_a_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder"):
        open_database(sqlite_url(tmp_path / "absent"))


def test_a_file_that_is_no_store_gets_a_clear_line(tmp_path: Path) -> None:
    (tmp_path / "liaison.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="not a store"):
        open_database(sqlite_url(tmp_path))


def test_what_is_refused_while_locked_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database._BUSY_SECONDS", 0.05)
    with opened(sqlite_url(tmp_path)) as ours, opened(sqlite_url(tmp_path)) as theirs:
        asyncio.run(ours.run(lambda s: s.add(put("before", "1"))))
        with theirs.engine.connect() as other, other.begin():
            for _ in range(2):
                with pytest.raises(StoreBusy, match="locked"):
                    asyncio.run(ours.run(lambda s: s.add(put("during", "1"))))
        asyncio.run(ours.run(lambda s: s.add(put("after", "1"))))
        scopes = ours.read_now(lambda s: set(s.execute(select(Mark.scope)).scalars()))
    assert scopes == {"before", "after"}


def test_a_locked_store_at_the_first_unit_is_told_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database._BUSY_SECONDS", 0.05)
    with opened(sqlite_url(tmp_path)) as ours, opened(sqlite_url(tmp_path)) as theirs:
        with theirs.engine.connect() as other, other.begin(), pytest.raises(StoreBusy):
            asyncio.run(ours.run(lambda s: s.add(put("during", "1"))))
        asyncio.run(ours.run(lambda s: s.add(put("after", "1"))))


def test_a_full_disk_is_told_and_the_store_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as database:

        def limit(pages: int) -> None:
            asyncio.run(database.run(lambda s: s.execute(text(f"PRAGMA max_page_count={pages}"))))

        limit(1)  # SQLite raises it to what is used already
        with pytest.raises(StoreError, match="full"):
            asyncio.run(database.run(lambda s: s.add(put("large", "x" * 1_000_000))))
        limit(1_000_000)
        asyncio.run(database.run(lambda s: s.add(put("small", "1"))))
        assert database.read_now(lambda s: position(s, "large")) is None
        assert database.read_now(lambda s: position(s, "small")) == "1"


def test_a_store_that_may_not_be_opened_later_fails_the_unit_and_no_waiting(
    tmp_path: Path,
) -> None:
    with opened(sqlite_url(tmp_path)) as database:
        for each in tmp_path.iterdir():
            each.unlink()
        tmp_path.rmdir()
        with pytest.raises(StoreError):
            asyncio.run(asyncio.wait_for(database.run(lambda s: s.get(Mark, "x")), 30))


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────


def test_an_unreachable_server_gets_a_clear_line() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        open_database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")


def test_a_connection_that_the_server_ends_is_the_stores_trouble_not_the_units(
    database: Database,
) -> None:
    """It was taken for a fault of the event in hand, which was then set aside."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")

    def work(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError):
        asyncio.run(database.run(work))
    asyncio.run(database.run(lambda s: s.add(put("after", "1"))))
