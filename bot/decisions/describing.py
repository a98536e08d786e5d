"""A decision as a record: what scripts read of it, and what stands in the minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.decisions import finding, proposals
from bot.decisions.finding import Found
from bot.decisions.proposals import SILENCE, State
from bot.decisions.showing import titled
from bot.decisions.silence import Awaited
from bot.decisions.voices import Ruling
from bot.store.tables.decisions import Decision, Voice

_TITLE = 80


def described(session: Session, found: Found, *, whole: bool = True) -> dict[str, Any]:
    """As INTERFACE.md promises it; times in UTC. `whole`: see `bot.decisions.view`."""
    row, marking = found.row, proposals.marked_as(found.row).marking
    held = row.waiting == Awaited.CHAIR
    return {
        "ref": row.ref,
        "number": found.number,
        "title": None if found.text is None else titled(found.text, _TITLE),
        "state": row.state,
        "method": row.method,
        "series": found.reference.series,
        "marking": str(marking.label),
        "releasable": [sorted(each) for each in marking.releasable],
        "channel": row.channel,
        "team": row.team,
        "opened": moment(row.opened),
        "expires": None if held else moment(row.expires),
        "waiting": row.waiting,
        "closed": moment(row.closed),
        "released": moment(proposals.released_at(row)),
        "text": found.text,
        "commitment": None if found.commitment is None else found.commitment.hex(),
        "voices": list(_voices(session, row, found.reference.series, whole=whole)),
    }


def minutes(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Decisions as minutes in Markdown, a piece each."""
    yield "# Decisions\n"
    for each in found:
        yield "\n".join(_minute(each)) + "\n"


def moment(at: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _voices(
    session: Session, row: Decision, series: str, *, whole: bool
) -> Iterator[dict[str, Any]]:
    secret = proposals.terms_of(row).secret and row.state == State.OPEN
    every = proposals.voices_of(session, row, counted=False)
    standing = {each.team: each.id for each in every if each.counted}
    for voice in every:
        if not (whole or proposals.is_for_all(row, voice)):
            continue
        yield {
            "team": voice.team,
            "voice": None if secret else voice.stance,
            "at": moment(voice.said),
            "received": moment(voice.received),
            "network": voice.person.partition(":")[0],
            "counted": _counts(row, voice, standing),
            "text": None if secret else finding.words_of(session, voice, series),
            "entered": voice.entered,
            "reason": voice.reason,
            "ruling": voice.ruling,
        }


def _counts(row: Decision, voice: Voice, standing: Mapping[str, int]) -> bool:
    """Whether a voice counts now: of votes that which stands, of objections what was confirmed."""
    if not voice.counted or voice.ruling == Ruling.VOID:
        return False
    if voice.confirmed is None and voice.ruling != Ruling.COUNTS:
        return False
    return row.method == SILENCE or standing[voice.team] == voice.id


def _minute(each: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {_plain(each['number'] or each['ref'])}: {_plain(each['title'] or 'erased')}\n"
    yield f"* Marking: {each['marking']}"
    yield f"* State: {each['state']}"
    yield f"* Method: {each['method']}"
    yield f"* Opened: {each['opened']}"
    for name in ("expires", "closed", "released"):
        if each[name] is not None:
            yield f"* {name.title()}: {each[name]}"
    yield f"* Commitment: `{each['commitment']}`\n"
    yield from (f"> {_plain(line)}" for line in (each["text"] or "(erased)").splitlines())
    if each["voices"]:
        yield "\n| Team | Voice | Time | Network | Counted | Words |\n|---|---|---|---|---|---|"
    for voice in each["voices"]:
        words = " ".join(_plain(voice["text"] or "").split())
        counted = "yes" if voice["counted"] else "no"
        yield (
            f"| {_plain(voice['team'])} | {voice['voice'] or 'secret'} | {voice['at']} "
            f"| {voice['network']} | {counted} | {words} |"
        )


def _plain(text: str) -> str:
    """What people said, without what Markdown would make of it."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
