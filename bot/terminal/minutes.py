"""`liaison decisions`: what was decided, its ledger for others, and whether the ledger holds.

Without a team the operator sees all, and that is audited; with one, what that team may know.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.decisions import agreeing, describing, finding
from bot.decisions.finding import Found
from bot.decisions.ledger import evidence, exporting, verifying, witnessing
from bot.decisions.ledger.verifying import Verified
from bot.decisions.ledger.witnessing import Witnessed
from bot.delivery.lanes import utc_now
from bot.delivery.report import rfc3339
from bot.errors import UserError
from bot.terminal.indicating.naming import known_team
from bot.terminal.inspection import opened_store
from bot.terminal.knowing import Knowing
from bot.wiring.witnesses import trust_of
from config.settings import Settings

Work = Callable[[Session, Knowing], int]
_WIDTHS = {"ref": 10, "number": 14, "state": 10, "closed": 27, "title": 0}
_CSV = (
    "series", "entry", "ref", "number", "kind", "at", "text", "body", "commitment", "salt",
    "previous", "hash",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula, at the beginning of a cell."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what is asked: a series, None for all; as whom, None for the operator."""

    series: str | None = None
    team: str | None = None


def listed(settings: Settings, asked: Asked, *, as_json: bool) -> int:
    """Print every decision, the newest first."""

    def work(session: Session, knowing: Knowing) -> int:
        if not as_json:
            print(_line({name: name for name in _WIDTHS}))
        for each in _known(session, knowing, asked):
            shown = _described(session, knowing, each)
            print(json.dumps(shown) if as_json else _line(shown))
        return 0

    return _carried_out(settings, asked, "list", work)


def show(settings: Settings, asked: Asked, ref: str, *, as_json: bool) -> int:
    """Print one decision; 1 where there is none by that name."""

    def work(session: Session, knowing: Knowing) -> int:
        found = finding.find(session, ref)
        if found is None or not knowing.may_know(found):
            print(f"liaison: no decision is called {ref!r}", file=sys.stderr)
            return 1
        shown = _described(session, knowing, found)
        print(json.dumps(shown) if as_json else "".join(describing.minutes([shown])))
        return 0

    return _carried_out(settings, asked, "show", work)


def export(settings: Settings, asked: Asked, form: str, output: Path | None) -> int:
    """Write the ledger, to a file or to standard output."""

    def work(session: Session, knowing: Knowing) -> int:
        write = _FORMS[form]
        if output is None:
            write(session, knowing, asked, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            with output.open("wb") as file:
                write(session, knowing, asked, file)
        return 0

    try:
        return _carried_out(settings, asked, f"export {form}", work)
    except OSError as error:
        if output is None or isinstance(error, BrokenPipeError):
            raise
        print(f"liaison: {output} cannot be written: {error.strerror}", file=sys.stderr)
        return 1


def verify(settings: Settings, asked: Asked, head: bytes | None, *, as_json: bool) -> int:
    """Say of each series whether its chain holds, and who can vouch for it; 1 where one is broken,
    or none has the head that was given.
    """

    def work(session: Session, knowing: Knowing) -> int:
        every = [verifying.verify(session, name) for name in knowing.series(session, asked.series)]
        if head is not None:
            every = _with_head(session, every, head, asked.series)
        trust, proven = trust_of(settings), {}
        every = [_as_shown(session, each) for each in every]
        for each in every:
            own = proven[each.series] = witnessing.examine(session, each.series, trust)
            if as_json:
                print(json.dumps(_verdict(each, own)))
            else:
                print("\n".join(_verified(each, own)))
        if not every:
            which = "no series" if asked.series is None else f"no series {asked.series!r}"
            print(f"liaison: {which} has an entry", file=sys.stderr)
            return int(asked.series is not None or head is not None)
        broken = any(each.wrong is not None for each in every)
        return int(broken or any(each.wrong is not None for each in proven.values()))

    return _carried_out(settings, asked, None, work)


def _with_head(
    session: Session, every: list[Verified], head: bytes, series: str | None
) -> list[Verified]:
    """The same, with a head that was kept: it has to be in one of the series."""
    given = [verifying.verify(session, each.series, [head]) for each in every]
    holding = [each for each in given if each.wrong is not verifying.Wrong.UNKNOWN]
    if series is not None or not any(each.wrong is None for each in holding):
        return given
    return [new if new in holding else old for new, old in zip(given, every, strict=True)]


def _as_shown(session: Session, found: Verified) -> Verified:
    """The same, where what people are shown of it agrees; else the entry that says otherwise."""
    at = None if found.wrong is not None else agreeing.disagreement(session, found.series)
    return found if at is None else replace(found, wrong=verifying.Wrong.SHOWN, entries=at - 1)


def _verified(found: Verified, own: Witnessed) -> Iterator[str]:
    if found.wrong is not None:
        yield f"broken at {found.series} entry {found.entries + 1}: {found.wrong}"
        return
    if own.wrong is not None:
        yield f"broken at {found.series} entry {own.wrong[0]}: {own.wrong[1]}"
        return
    yield f"verified: {found.series}: {found.entries} entries, head {found.head.hex()}"
    for first, last in found.lost:
        yield f"lost in a restore, as is on record: entries {first} to {last}"
    if found.vouched is None:
        yield "unwitnessed: no head of it is known outside; all of it may have been made anew"
    else:
        since = found.entries - found.vouched
        yield f"witnessed up to entry {found.vouched}; {since} entries since then"
    if own.signed is not None and own.key is not None:
        yield f"signed up to entry {own.signed}, by the key {own.key.hex()}"
    if own.stamped is not None and own.when is not None:
        yield f"time-stamped up to entry {own.stamped}, at {own.when:%Y-%m-%dT%H:%M:%SZ}"
    if own.unknown:
        yield "time-stamped, by whom cannot be said: ledger.timestamps_ca is not set"


def _verdict(found: Verified, own: Witnessed) -> dict[str, Any]:
    wrong, entry = found.wrong or (own.wrong and own.wrong[1]), found.entries + 1
    if found.wrong is None and own.wrong is not None:
        entry = own.wrong[0]
    return {
        "series": found.series,
        "entries": found.entries,
        "head": found.head.hex(),
        "wrong": wrong,
        "entry": None if wrong is None else entry,
        "witnessed": found.vouched,
        "lost": found.lost,
        "signed": own.signed,
        "key": None if own.key is None else own.key.hex(),
        "stamped": own.stamped,
        "stamped_at": rfc3339(own.when),
    }


def _carried_out(settings: Settings, asked: Asked, deed: str | None, work: Work) -> int:
    if asked.team is not None:
        known_team(settings, asked.team)
    try:
        with opened_store(settings) as database:
            knowing = database.read_now(lambda s: Knowing.under(s, settings, asked.team, utc_now()))
            if deed is not None and asked.team is None:
                act = Act(OPERATOR, None, Action.EXPORTED, named("decisions"), deed)
                database.run_now(lambda session: record(session, act, utc_now()))
            return database.read_now(lambda session: work(session, knowing))
    except UserError as error:
        print(f"liaison: {error}", file=sys.stderr)
        return 2
    except exporting.Unreadable:
        print("liaison: an entry was altered so that it cannot be read; `liaison decisions verify` "
              "names it", file=sys.stderr)  # fmt: skip
        return 1


def _known(session: Session, knowing: Knowing, asked: Asked) -> Iterator[Found]:
    return (each for each in finding.every(session, asked.series) if knowing.may_know(each))


def _described(session: Session, knowing: Knowing, found: Found) -> dict[str, Any]:
    return describing.described(session, found, whole=knowing.knows_all(found.row))


def _line(shown: dict[str, Any]) -> str:
    parts = ("-" if shown[name] is None else str(shown[name]) for name in _WIDTHS)
    pairs = zip(parts, _WIDTHS.values(), strict=True)
    return "  ".join(text.ljust(width) for text, width in pairs).rstrip()


# ── the forms of an export ──────────────────────────────────────────────────────────────────────


def _lines(session: Session, knowing: Knowing, asked: Asked) -> Iterator[bytes]:
    series = knowing.series(session, asked.series)
    return exporting.lines(session, series, knowing.withheld(session), knowing.released(session))


def _write_lines(session: Session, knowing: Knowing, asked: Asked, file: IO[bytes]) -> None:
    file.writelines(_lines(session, knowing, asked))


def _minutes(session: Session, knowing: Knowing, asked: Asked) -> Iterator[bytes]:
    found = _known(session, knowing, asked)
    shown = (_described(session, knowing, each) for each in found)
    return (piece.encode() for piece in describing.minutes(shown))


def _write_minutes(session: Session, knowing: Knowing, asked: Asked, file: IO[bytes]) -> None:
    file.writelines(_minutes(session, knowing, asked))


def _write_csv(session: Session, knowing: Knowing, asked: Asked, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_CSV)
    for line in _lines(session, knowing, asked):
        entry = json.loads(line)
        writer.writerow([_cell(entry.get(name)) for name in _CSV])
    text.detach()


def _cell(value: object) -> object:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _write_bundle(session: Session, knowing: Knowing, asked: Asked, file: IO[bytes]) -> None:
    """A zip: the entries, the script that verifies them, the minutes, and what bears witness."""
    script = resources.files("bot.decisions.ledger").joinpath("verify.py").read_bytes()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "entries.jsonl", _lines(session, knowing, asked))
        _put(bundle, "minutes.md", _minutes(session, knowing, asked))
        _put(bundle, "verify.py", [script])
        for name, content in evidence.files(session, knowing.series(session, asked.series)):
            _put(bundle, name, [content])


def _put(bundle: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    with bundle.open(name, "w") as member:
        for piece in pieces:
            member.write(piece)


_FORMS: dict[str, Callable[[Session, Knowing, Asked, IO[bytes]], None]] = {
    "jsonl": _write_lines,
    "markdown": _write_minutes,
    "csv": _write_csv,
    "bundle": _write_bundle,
}
