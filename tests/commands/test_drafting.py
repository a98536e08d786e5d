"""`advisory draft`: field by field, from a file, from a form; what may be named in one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.advisories import keeping, writing
from bot.advisories.document import Document
from bot.errors import UserError
from bot.events import RoomId
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.store.tables.advisories import Advisory
from bot.words import words_for
from commands.registry import ChannelView, refusal
from tests.commands.house import NOW
from tests.commands.newsdesk import ADA, EVE, Newsdesk
from tests.indicators import ADDRESS, DOMAIN, feed, take_in, thing
from tests.stores import opened, sqlite_url

WEEK = timedelta(days=7)
FILE = """---
title: Patch the VPN
kind: situation report
marking: TLP:AMBER
affected:
- Gate 7.1, and before
- Gate 8
techniques: t1190, T1059.001
indicators: [198.51.100[.]7, "#vpn"]
actions: |
  1. Patch
  2. Look
references: https://example.org/vpn
contact: duty@alpha.example
---
Look.
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with opened(sqlite_url(tmp_path)) as database:
        take_in(
            database, feed(label=Label.AMBER), thing(1, ADDRESS, name="x"),
            thing(2, DOMAIN, labels=("VPN", "other")), now=NOW - WEEK,
        )  # fmt: skip
        yield database


@pytest.fixture
def desk(store: Database) -> Iterator[Newsdesk]:
    with Session(store.engine) as session:
        yield Newsdesk(session)


def document_of(desk: Newsdesk, ref: str) -> Document:
    row = keeping.find(desk.session, ref)
    assert isinstance(row, Advisory)
    return keeping.document_of(row)


def answers(desk: Newsdesk, *texts: str) -> list[str]:
    """The lines of the last answer."""
    lines: list[str] = []
    for text in texts:
        lines = desk.ask(ADA, f"answer {text}")
    return lines


def test_a_file_says_every_field_and_indicators_are_shown_harmless(desk: Newsdesk) -> None:
    ref = desk.drafted("draft", file=FILE)
    found = document_of(desk, ref)
    assert found.kind == "situation-report"
    assert found.affected == ("Gate 7.1, and before", "Gate 8")
    assert found.techniques == ("T1190", "T1059.001")
    assert found.indicators == ("198[.]51[.]100[.]7", "evil[.]example[.]org")
    assert found.actions == "1. Patch\n2. Look"
    preview = desk.ask(ADA, f"preview {ref}")
    assert preview[0] == f"TLP:AMBER · MEDIUM · situation report · {ref} · Patch the VPN"
    assert "• evil[.]example[.]org" in preview
    assert "evil.example.org" not in "\n".join(preview)


def test_an_indicator_goes_no_further_than_it_may(desk: Newsdesk) -> None:
    with pytest.raises(
        UserError, match=r"198\[.\]51\[.\]100\[.\]7: marked more strictly than TLP:G"
    ):
        desk.drafted("draft --indicators 198.51.100.7 Patch\nNow.")
    ref = desk.drafted("draft --indicators 198.51.100.7 --marking TLP:AMBER Patch\nNow.")
    with pytest.raises(UserError, match="more strictly"):
        desk.ask(ADA, f"edit --marking TLP:GREEN {ref}")
    desk.ask(ADA, f'edit --indicators "" --marking TLP:GREEN {ref}')
    assert document_of(desk, ref).indicators == ()


def test_values_that_are_named_count_as_looked_up_whatever_becomes_of_them(desk: Newsdesk) -> None:
    def refused(text: str) -> int:
        with pytest.raises(UserError) as error:
            desk.ask(ADA, text)
        return refusal(error.value, words_for("en")).looked_up

    assert refused('draft --indicators "198.51.100.7 203.0.113.9 203.0.113.8" Patch\nNow.') == 3
    assert refused("draft --indicators 198.51.100.7 Patch\nNow.") == 1
    answer = desk.run(ADA, "draft --indicators 198.51.100.7 --marking TLP:AMBER Patch\nNow.")
    assert answer.looked_up == 1
    ref = plain(answer.body).partition(" ")[0]
    assert desk.run(ADA, f"edit --severity high {ref}").looked_up == 0, "it names nothing anew"
    assert desk.run(ADA, f"edit --indicators 198.51.100.7 --severity low {ref}").looked_up == 1


@pytest.mark.parametrize("value", ["203.0.113.9", "#nothing", "tag:n%"])
def test_what_an_author_may_not_see_is_as_if_it_was_not_there(
    desk: Newsdesk, store: Database, value: str
) -> None:
    secret = feed("theirs", Label.AMBER, group="nobody")
    with pytest.raises(UserError) as before:
        desk.drafted(f"draft --indicators {value} Patch\nNow.")
    desk.session.rollback()
    unseen = thing(3, ADDRESS._replace(value="203.0.113.9"), labels=("nothing",))
    take_in(store, secret, unseen, now=NOW - WEEK)
    with pytest.raises(UserError) as after:
        desk.drafted(f"draft --indicators {value} Patch\nNow.")
    assert str(before.value) == str(after.value)


def test_a_series_has_one_audience(desk: Newsdesk) -> None:
    def ports(*teams: str) -> None:
        desk.house.views["ports"] = ChannelView("ports", "P", Label.AMBER, teams=teams)

    ports("alpha", "charlie")
    with pytest.raises(UserError, match="Teams of ports are not among"):
        desk.drafted("draft --channels ransomware,ports Patch\nNow.")
    ports("alpha")
    ref = desk.drafted("draft --channels ransomware,ports Patch\nNow.")
    ports("alpha", "charlie")
    with pytest.raises(UserError, match="Teams of ports are not among"):
        desk.ask(ADA, f"edit --severity high {ref}")


# ── field by field ──────────────────────────────────────────────────────────────────────────────


def test_it_is_asked_for_field_by_field_until_that_is_all(desk: Newsdesk) -> None:
    assert desk.ask(ADA, "draft")[0] == "1 of 17 · What is it called?"
    assert answers(desk, "Patch the VPN")[0].startswith("2 of 17 · What is it: advisory")
    assert answers(desk, "alert", "high")[0] == "4 of 17 · What is it about, in a few sentences?"
    assert answers(desk, "skip", "Now.\n\n- a\n- b")[0] == "6 of 17 · What are its readers to do?"
    lines = answers(desk, "skip", "in 2h", "skip", "CVE-2026-1234", "done")
    ref = lines[0].partition(" ")[0]
    assert lines[0] == f"{ref} is a draft."
    found = document_of(desk, ref)
    assert (found.title, found.kind, found.severity) == ("Patch the VPN", "alert", "high")
    assert (found.body, found.cves) == ("Now.\n\n- a\n- b", ("CVE-2026-1234",))
    assert found.due == (NOW + timedelta(hours=2)).isoformat(timespec="seconds")
    with pytest.raises(UserError, match="Nothing is asked of you"):
        answers(desk, "more")


def test_what_is_no_answer_says_why_and_the_question_stays(desk: Newsdesk) -> None:
    desk.ask(ADA, "draft")
    answers(desk, "Patch", "skip")
    lines = answers(desk, "huge")
    assert lines[:2] == [
        "Say how grave it is: low, medium, high or critical.",
        "3 of 17 · How grave is it: low, medium, high, critical?",
    ]
    assert answers(desk, "high", "back")[:2] == [
        "3 of 17 · How grave is it: low, medium, high, critical?", "So far: high",
    ]  # fmt: skip
    desk.ask(ADA, "answer drop")
    desk.ask(ADA, "draft")
    lines = answers(desk, "done")
    assert lines[0].startswith("An advisory needs a title")
    assert lines[1].endswith("What is it called?")


def test_what_was_left_is_gone_on_with_for_a_week(desk: Newsdesk) -> None:
    desk.ask(ADA, "draft --severity high")
    answers(desk, "Patch the VPN")
    assert desk.ask(ADA, "draft")[:2] == [
        "You have begun one: I go on with it.",
        "2 of 17 · What is it: advisory, alert, bulletin, situation-report, all-clear?",
    ]
    assert "Kept for a week" in answers(desk, "stop")[0]
    with pytest.raises(UserError, match="Nothing is asked"):
        answers(desk, "alert")
    assert "2 of 17" in desk.ask(ADA, "draft")[1]
    assert "1 of 17" in desk.ask(EVE, "draft")[0], "everybody has their own"
    later = NOW + WEEK + timedelta(seconds=1)
    assert desk.ask(ADA, "draft", now=later)[0] == "1 of 17 · What is it called?"


def test_a_button_is_of_its_question_alone(desk: Newsdesk) -> None:
    first = desk.run(ADA, "draft")
    skip, back, done = [each.call.removeprefix("advisory ") for each in first.controls]
    assert (skip, back, done) == (
        "answer --to title skip", "answer --to title back", "answer --to title done",
    )  # fmt: skip
    desk.ask(ADA, skip)
    with pytest.raises(UserError, match="was answered"):
        desk.ask(ADA, skip)


def test_without_a_channel_that_is_asked_first(desk: Newsdesk) -> None:
    direct = RoomId("slack:alpha/D1")

    def ask(text: str) -> list[str]:
        return desk.ask(ADA, text, room=direct)

    assert ask("draft")[0] == "15 of 17 · For which channels?"
    assert ask("answer nowhere")[0] == "I know of no channel “nowhere”."
    assert ask("answer ransomware")[0] == "1 of 17 · What is it called?"
    ask("answer Patch")
    assert ask("answer done")[0].endswith("is a draft.")


def test_what_a_form_got_wrong_is_kept_for_it_to_be_opened_again(desk: Newsdesk) -> None:
    text = 'draft --title Patch --seal nobody --affected "Gate 7, and\n8" Now.'
    answer = desk.run(ADA, text, handle="https://hooks.example/1")
    lines = plain(answer.body).split("\n")
    assert lines[0] == "I know no team “nobody”."
    assert [each.call for each in answer.controls] == ["advisory draft"]
    row = writing.find(desk.session, ADA.person, NOW)
    assert row is not None
    assert writing.values_of(row) == {
        "title": "Patch", "seal": "nobody", "affected": "Gate 7, and\n8", "text": "Now.",
    }  # fmt: skip
    assert not writing.is_asked(desk.session, ADA.person, NOW), "a form asks"
    desk.run(ADA, "draft --title Patch Now.", handle="https://hooks.example/1")
    assert writing.find(desk.session, ADA.person, NOW) is None


def test_every_question_has_a_short_first_line_in_both_languages(desk: Newsdesk) -> None:
    for language in ("en", "fr"):
        desk.language = language
        desk.ask(ADA, "draft")
        for _ in range(16):
            assert len(answers(desk, "skip")[0]) <= 80
        desk.ask(ADA, "answer drop")


def test_of_what_is_secret_nothing_is_kept(desk: Newsdesk) -> None:
    for text in ("--marking TLP:RED", "--marking red", '--summary "TLP:RED\nWords"'):
        with pytest.raises(UserError):
            desk.run(ADA, f"draft --title Patch {text} Now.", handle="https://hooks.example/1")
        assert writing.find(desk.session, ADA.person, NOW) is None
    for question, secret in (("summary", "TLP:RED\nWords"), ("marking", "RED")):
        desk.ask(ADA, "draft")
        while f"answer --to {question} skip" not in desk.run(ADA, "draft").controls[0].call:
            answers(desk, "skip")
        assert answers(desk, secret)[0].startswith("TLP:RED is for those who were there")
        assert writing.find(desk.session, ADA.person, NOW) is None


def test_what_was_left_too_long_is_erased(desk: Newsdesk) -> None:
    desk.ask(ADA, "draft")
    writing.forget_old(desk.session, NOW + WEEK)
    assert writing.find(desk.session, ADA.person, NOW) is not None
    writing.forget_old(desk.session, NOW + WEEK + timedelta(seconds=1))
    assert writing.find(desk.session, ADA.person, NOW) is None
