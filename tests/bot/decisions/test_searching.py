"""Decisions found by their words: by those who may know of them, and nothing of what was erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.decisions import closing, indexing, proposals, searching, wording
from bot.decisions.ledger.writing import erase, history
from bot.decisions.proposals import Opening, Terms
from bot.decisions.searching import Wanted
from bot.decisions.voices import Stance
from bot.decisions.wording import any_of, asked, fact
from bot.events import PersonId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables.decisions import Decision
from bot.store.tables.search import Indexed
from tests.bot.decisions.council import EXPIRES, MINUTE, OPENED, TEAMS, SmallCouncil
from tests.stores import opened, sqlite_url

DAY = timedelta(days=1)
A, B, C = TEAMS


@pytest.fixture
def small(database: Database) -> Iterator[SmallCouncil]:
    with Session(database.engine) as session:
        found = SmallCouncil(session)
        found.alliance.open()
        yield found


def put(small: SmallCouncil, text: str, label: Label = Label.GREEN, **more: object) -> Decision:
    """Team a proposes something in channel c."""
    said = more.pop("said", OPENED)
    groups = (frozenset({str(more.pop("group"))}),) if "group" in more else ()
    opening = Opening(
        str(more.pop("channel", "c")), "RTF", text, str(more.pop("method", "silence")),
        PersonId("fake:a/ada"), A, Marked(Marking(label, groups), A, said), EXPIRES,  # type: ignore[arg-type]
        {team: [f"fake:{team}/ada"] for team in TEAMS}, terms=Terms(**more),  # type: ignore[arg-type]
    )  # fmt: skip
    return proposals.open_proposal(small.session, opening, OPENED)


def names(small: SmallCouncil, search: str, label: Label = Label.AMBER_STRICT) -> list[str]:
    """What who may read up to a label finds, the newest first."""
    query = tuple(choice for _, choice in asked(search))
    known = searching.readable(
        small.session, lambda marked, _: marked.marking.label <= label, B, EXPIRES
    )
    hits = searching.search(small.session, known, Wanted(query), 10)
    assert hits.count >= len(hits.newest)
    return [each.row.ref for each in hits.newest]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("block", True),
        ("BLOCK  together", True),
        ("togeth", True),
        ("to", False),
        ("gether", False),
        ("198.51.100.7", True),
        ("198.51.100[.]7", True),
        ("198.51", True),
        ("18:00", True),
        ("décidé", True),
        ("DECIDE", True),
        ("block nothing", False),
        ('" OR *', False),
        ("'; --", True),
    ],
)
def test_every_word_that_is_searched_is_in_what_is_found(
    small: SmallCouncil, search: str, found: bool
) -> None:
    ref = put(small, "Décidé: block 198.51.100.7 together at 18:00.").ref
    other = put(small, "Something else.").ref
    expected = [ref] if found else []
    assert [each for each in names(small, search) if each != other] == expected


def test_it_is_found_by_name_and_by_how_it_stands_and_the_newest_is_first(
    small: SmallCouncil,
) -> None:
    first, second = put(small, "Block it."), put(small, "Block it too.")
    assert names(small, "block") == [second.ref, first.ref]
    assert names(small, first.ref) == [first.ref]
    closing.withdraw(small.session, small, first, OPENED + MINUTE, PersonId("fake:a/ada"))
    known = searching.readable(small.session, lambda *_: True, B, EXPIRES)
    withdrawn = Wanted((any_of([fact("state", "withdrawn")]),))
    assert [each.row.ref for each in searching.search(small.session, known, withdrawn, 9).newest] \
        == [first.ref]  # fmt: skip


def test_what_the_reader_may_not_know_is_neither_found_nor_counted(small: SmallCouncil) -> None:
    known = put(small, "Block it.").ref
    put(small, "Block it in secret.", Label.AMBER)
    put(small, "Block it elsewhere.", channel="d")
    assert names(small, "block", Label.GREEN)[-1] == known
    readable = searching.readable(
        small.session, lambda marked, where: marked.marking.label <= Label.GREEN, B, EXPIRES, "c"
    )
    hits = searching.search(small.session, readable, Wanted(tuple(c for _, c in asked("block"))), 9)
    assert (hits.count, [each.row.ref for each in hits.newest]) == (1, [known])
    nobody = searching.readable(small.session, lambda *_: False, B, EXPIRES)
    assert searching.search(small.session, nobody, Wanted(), 9).count == 0


def test_who_came_later_finds_nothing_of_before(small: SmallCouncil) -> None:
    put(small, "Block it.", said=OPENED - DAY)
    later = put(small, "Block it.", said=OPENED).ref
    joined = OPENED - timedelta(hours=3)
    known = searching.readable(small.session, lambda marked, _: marked.said >= joined, B, EXPIRES)
    assert list(known.every.values()) == [joined]
    hits = searching.search(small.session, known, Wanted(tuple(c for _, c in asked("block"))), 9)
    assert (hits.count, [each.row.ref for each in hits.newest]) == (1, [later])


def test_what_is_ones_own_is_found_where_nobody_elses_is(small: SmallCouncil) -> None:
    ref = put(small, "Block it.").ref
    wanted = Wanted(tuple(choice for _, choice in asked("block")))
    for team, found in ((A, [ref]), (B, [])):

        def may(marked: Marked, _channel: str, team: TeamKey = team) -> bool:
            return marked.originator == team

        known = searching.readable(small.session, may, team, EXPIRES)
        hits = searching.search(small.session, known, wanted, 9)
        assert (hits.count, [each.row.ref for each in hits.newest]) == (len(found), found)


def test_a_time_limits_what_is_found(small: SmallCouncil) -> None:
    ref = put(small, "Block it.").ref
    for since, until, found in (
        (OPENED, OPENED, [ref]),
        (OPENED + MINUTE, None, []),
        (None, OPENED - MINUTE, []),
    ):
        hits = searching.search(small.session, None, Wanted((), since, until), 9)
        assert [each.row.ref for each in hits.newest] == found


def test_what_is_said_to_it_finds_it_and_a_closed_ballot_only_when_it_has_ended(
    small: SmallCouncil,
) -> None:
    open_one = put(small, "Block it.")
    small.land(OPENED)
    small.speak(open_one, "b", Stance.RESERVE, OPENED + MINUTE, text="Bridges freeze.")
    assert names(small, "bridges") == [open_one.ref]
    secret = put(small, "Block that.", method="majority", secret=True)
    small.speak(secret, "b", Stance.AGREE, OPENED + MINUTE, text="Volcanoes erupt.")
    assert names(small, "volcanoes") == []
    closing.withdraw(small.session, small, secret, OPENED + MINUTE, PersonId("fake:a/ada"))
    assert names(small, "volcanoes") == [secret.ref]


def test_what_was_erased_is_not_found_any_more(small: SmallCouncil) -> None:
    row = put(small, "Block zanzibar.")
    _erase(small, row)
    assert names(small, "zanzibar") == []
    assert names(small, row.ref) == [row.ref]


def test_nothing_of_what_was_erased_is_left_in_the_file(tmp_path: Path) -> None:
    told = ("zanzibar", "quagga", "xylophone", "198.51.100.7")
    with opened(sqlite_url(tmp_path)) as database:
        file = tmp_path / "liaison.db"

        def begin(session: Session) -> str:
            small = SmallCouncil(session)
            for number in range(50):
                put(small, f"Something else, number {number}, with words of its own.")
            return put(small, f"Block {' '.join(told)} together.").ref

        ref = database.run_now(begin)
        database.run_now(lambda session: put(SmallCouncil(session), "After it.").ref)
        assert all(word in _bytes(file) for word in told)
        database.run_now(lambda s: _erase(SmallCouncil(s), s.get_one(Decision, ref)))
    left = _bytes(file)
    assert [word for word in told if word in left] == []


def test_what_was_there_before_the_index_is_indexed_later(small: SmallCouncil) -> None:
    ref = put(small, "Block it.").ref
    small.session.query(Indexed).delete()
    assert names(small, "block") == []
    assert indexing.index_missing(small.session, 10) == 1
    assert names(small, "block") == [ref]
    assert indexing.index_missing(small.session, 10) == 0


def test_it_is_kept_once_whatever_becomes_of_it(small: SmallCouncil) -> None:
    row = put(small, "Block it.")
    for _ in range(3):
        indexing.index(small.session, row)
    assert small.session.execute(select(func.count(Indexed.id))).scalar() == 1
    assert names(small, "block") == [row.ref]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_text_is_found_by_each_of_its_own_words(text: str) -> None:
    words = wording.words_of(text)
    for _, choice in asked(text):
        assert any(all(_has(words, term) for term in terms) for terms in choice)
    query = tuple(choice for _, choice in asked(text))
    assert "'" not in wording.in_fts5(query)
    assert wording.in_fts5(query).count('"') % 2 == 0


def _has(words: set[str], term: wording.Term) -> bool:
    return any(word.startswith(term.text) if term.begins else word == term.text for word in words)


def _erase(small: SmallCouncil, row: Decision) -> None:
    reference = proposals.reference_of(small.session, row)
    entries = [each.entry for each in history(small.session, reference)]
    erase(small.session, reference, entries, "A law", OPENED)
    indexing.forget_erased(small.session, row)


def _bytes(file: Path) -> str:
    beside = (file, *file.parent.glob(f"{file.name}-*"))
    return "".join(each.read_bytes().decode("latin-1") for each in beside)
