"""What becomes of a text under silence, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.silence import (
    Adopt,
    Awaited,
    Break,
    Exclude,
    Extend,
    Fail,
    Procedure,
    Rules,
    Step,
    Unreached,
    Wait,
    Why,
    is_late,
    next_step,
)
from bot.decisions.voices import Ruling, Stance, Voice
from bot.sharing.teams import TeamKey

OPENED = datetime(2026, 11, 24, 9, tzinfo=UTC)
EXPIRES = OPENED + timedelta(hours=72)
MINUTE = timedelta(minutes=1)
A, B, C, D = map(TeamKey, "abcd")
ALL = frozenset({A, B, C})


def voice(
    team: TeamKey,
    stance: Stance,
    said: datetime = EXPIRES - MINUTE,
    *,
    confirmed: bool = True,
    order: int = 1,
    ruling: Ruling | None = None,
    received: datetime | None = None,
) -> Voice:
    at = said if received is None else received
    return Voice(order, team, stance, said, at, at if confirmed else None, ruling=ruling)


def procedure(*voices: Voice, **changes: object) -> Procedure:
    """One that everybody has read, and whose rooms were read up to its expiry at once."""
    whole = Procedure(
        OPENED, EXPIRES, ALL, voices=voices, reached=dict.fromkeys(ALL, OPENED),
        read=EXPIRES + timedelta(seconds=2),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def with_rule(rule: Unreached, *teams: TeamKey) -> Procedure:
    """One that has reached these teams only."""
    return procedure(rules=Rules(unreached=rule), reached=dict.fromkeys(teams, OPENED))


OBJECTED = voice(B, Stance.OBJECT)
UNSURE = voice(B, Stance.OBJECT, confirmed=False)
LATE = voice(B, Stance.OBJECT, EXPIRES)
GRACE = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("found", "at", "step"),
    [
        # it runs until it expires, and is adopted then: not before
        (procedure(), EXPIRES - MINUTE, Wait(EXPIRES)),
        (procedure(), EXPIRES, Adopt((), ALL)),
        # an objection or an amendment breaks it at once; a reservation does not
        (procedure(OBJECTED), OBJECTED.said, Break(OBJECTED)),
        (procedure(OBJECTED), EXPIRES + MINUTE, Break(OBJECTED)),
        (procedure(voice(B, Stance.AMEND)), OPENED, Break(voice(B, Stance.AMEND))),
        (procedure(voice(B, Stance.AGREE)), EXPIRES, Adopt((), frozenset({A, C}))),
        (procedure(voice(B, Stance.ABSTAIN)), EXPIRES, Adopt((), frozenset({A, C}))),
        (
            procedure(voice(B, Stance.RESERVE)),
            EXPIRES,
            Adopt((voice(B, Stance.RESERVE),), frozenset({A, C})),
        ),
        # a colleague's later word does not mend an objection
        (
            procedure(OBJECTED, voice(B, Stance.AGREE, EXPIRES - MINUTE / 2, order=2)),
            EXPIRES,
            Break(OBJECTED),
        ),
        # who is not on the roster breaks nothing
        (procedure(voice(D, Stance.OBJECT)), EXPIRES, Adopt((), ALL)),
        # said at the expiry or after it is late
        (procedure(LATE), EXPIRES + MINUTE, Adopt((), ALL)),
        # not confirmed: it stays open for `grace`, and then the chair rules
        (procedure(UNSURE), EXPIRES - MINUTE, Wait(EXPIRES)),
        (
            procedure(UNSURE),
            EXPIRES,
            Wait(EXPIRES + GRACE, Awaited.CONFIRMATION, frozenset({B})),
        ),
        (procedure(UNSURE), EXPIRES + GRACE, Wait(None, Awaited.CHAIR, frozenset({B}))),
        (
            procedure(replace(UNSURE, ruling=Ruling.COUNTS)),
            EXPIRES + GRACE,
            Break(replace(UNSURE, ruling=Ruling.COUNTS)),
        ),
        (procedure(replace(UNSURE, ruling=Ruling.VOID)), EXPIRES + GRACE, Adopt((), ALL)),
        # expiry takes effect only when every room was read up to it
        (procedure(read=None), EXPIRES, Wait(EXPIRES + MINUTE, Awaited.READING)),
        # an outage across it extends it to recovery and `grace`
        (procedure(read=None), EXPIRES + MINUTE, Wait(None, Awaited.OUTAGE)),
        (
            procedure(read=EXPIRES + 9 * MINUTE),
            EXPIRES + 10 * MINUTE,
            Extend(EXPIRES + 9 * MINUTE + GRACE, Why.OUTAGE),
        ),
        # what was said before the expiry counts though it is read after the outage
        (procedure(OBJECTED, read=None), EXPIRES + 10 * MINUTE, Break(OBJECTED)),
        # a team that the text has not reached is not silent
        (
            with_rule(Unreached.EXTEND, A, B),
            EXPIRES,
            Wait(None, Awaited.DELIVERY, frozenset({C})),
        ),
        (with_rule(Unreached.EXCLUDE, A, B), EXPIRES, Exclude(frozenset({C}))),
        (with_rule(Unreached.EXCLUDE), EXPIRES, Fail(ALL)),
        (with_rule(Unreached.FAIL, A, B), EXPIRES, Fail(frozenset({C}))),
        (
            procedure(reached={A: OPENED, B: OPENED, C: EXPIRES + MINUTE}),
            EXPIRES + 2 * MINUTE,
            Extend(EXPIRES + MINUTE + timedelta(hours=1), Why.UNREACHED),
        ),
        (
            procedure(reached={A: OPENED, B: OPENED, C: EXPIRES - MINUTE}),
            EXPIRES,
            Extend(EXPIRES - MINUTE + timedelta(hours=1), Why.UNREACHED),
        ),
    ],
)
def test_the_next_step(found: Procedure, at: datetime, step: Step) -> None:
    assert next_step(found, at) == step


def test_a_period_of_the_shortest_length_ends_though_delivery_takes_seconds() -> None:
    short = procedure(
        expires=OPENED + timedelta(hours=1),
        read=OPENED + timedelta(hours=1),
        reached=dict.fromkeys(ALL, OPENED + timedelta(seconds=2)),
    )
    assert next_step(short, short.expires) == Adopt((), ALL)


def test_an_excluded_team_is_neither_silent_nor_heard() -> None:
    without = replace(with_rule(Unreached.EXCLUDE, A, B), excluded=frozenset({C}))
    assert next_step(without, EXPIRES) == Adopt((), frozenset({A, B}))
    objecting = replace(without, voices=(voice(C, Stance.OBJECT),))
    assert next_step(objecting, EXPIRES) == Adopt((), frozenset({A, B}))


moments = st.integers(-90, 90).map(lambda minutes: EXPIRES + minutes * MINUTE)
voices = st.lists(
    st.builds(
        voice,
        st.sampled_from([A, B, C, D]),
        st.sampled_from(Stance),
        moments,
        confirmed=st.booleans(),
        ruling=st.sampled_from([None, *Ruling]),
    ),
    max_size=6,
).map(lambda found: [replace(each, order=number) for number, each in enumerate(found)])


@given(found=voices, data=st.data(), at=moments)
def test_the_order_of_the_facts_changes_nothing(
    found: list[Voice], data: st.DataObject, at: datetime
) -> None:
    shuffled = data.draw(st.permutations(found))
    assert next_step(procedure(*found), at) == next_step(procedure(*shuffled), at)


@given(found=voices, at=moments)
def test_it_is_adopted_only_where_nobody_objected_in_time(found: list[Voice], at: datetime) -> None:
    step = next_step(procedure(*found), at)
    objections = [
        each
        for each in found
        if each.team in ALL and each.stance in {Stance.OBJECT, Stance.AMEND}
        and each.said < EXPIRES and each.ruling is not Ruling.VOID
    ]  # fmt: skip
    if isinstance(step, Adopt):
        assert at >= EXPIRES
        assert objections == []
    if any(each.confirmed or each.ruling is Ruling.COUNTS for each in objections):
        assert isinstance(step, Break)


@given(found=voices, at=moments, later=st.integers(0, 500))
def test_what_is_broken_stays_broken(found: list[Voice], at: datetime, later: int) -> None:
    step = next_step(procedure(*found), at)
    if isinstance(step, Break):
        assert next_step(procedure(*found), at + later * MINUTE) == step


def test_late_is_what_is_said_at_the_expiry() -> None:
    assert is_late(procedure(), LATE)
    assert not is_late(procedure(), OBJECTED)
