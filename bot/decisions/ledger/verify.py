"""Verify an export of Liaison's ledger: `python3 verify.py [--head HASH]`.

Needs nothing but Python 3.8 or newer and reads the files beside it: `entries.jsonl`, an entry a
line. Prints the first entry that is wrong and exits 1, or says what holds and exits 0.

An entry's hash is SHA-256 over the JSON array [series, entry, ref, number, kind, at, body,
commitment, previous], written as RFC 8785 demands; its commitment is SHA-256(salt + text), where
the text has not been erased. A chain by itself proves that nobody changed it who could not compute
it anew: compare its heads with those that were told to the rooms at the time (`--head`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

COLUMNS = ("series", "entry", "ref", "number", "kind", "at", "body", "commitment", "previous")
FIRST = "0" * 64


def canonical(value: object) -> bytes:
    """JSON as RFC 8785 writes it, of what entries hold: no fractions, keys in ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def wrong(line: str, heads: dict[str, tuple[int, str]]) -> tuple[str, str] | None:
    """What is wrong with an entry that follows those before it (`heads`, by series), or None."""
    try:
        entry = json.loads(line)
        if entry.get("withheld") is True:  # who exported it may not read it: its hashes alone
            found = str(entry["hash"])
        else:
            columns = [entry[name] for name in COLUMNS]
            found = hashlib.sha256(canonical(columns)).hexdigest()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "an entry", "it cannot be read"
    series, number = str(entry.get("series")), entry.get("entry")
    name = f"{series} entry {number}"
    last, previous = heads.get(series, (0, FIRST))
    if number != last + 1:
        if not goes_on(entry, last, previous):
            return f"{series} entry {last + 1}", "it is missing"
        previous = str(entry.get("previous"))
        print(f"{series}: entries {last + 1} to {number - 1} were lost in a restore")
    if found != entry.get("hash"):
        return name, "it was altered"
    if entry.get("previous") != previous:
        return name, "it does not follow the entry before it"
    if entry.get("text") is not None and not is_committed(entry):
        return name, "its text was altered"
    heads[series] = (number, found)
    return None


def goes_on(entry: dict[str, object], last: int, head: str) -> bool:
    """Whether it goes on after a restore, from a copy that ended with this entry: it follows the
    head that the rooms were told of last.
    """
    body, number = entry.get("body"), entry.get("entry")
    if entry.get("kind") != "restored" or not isinstance(body, dict) or not isinstance(number, int):
        return False
    return number > last + 1 and body.get("copy") == {"entry": last, "head": head}


def is_committed(entry: dict[str, object]) -> bool:
    """Whether an entry's text is the one that was committed to."""
    try:
        salted = bytes.fromhex(str(entry.get("salt"))) + str(entry["text"]).encode()
    except ValueError:
        return False
    return hashlib.sha256(salted).hexdigest() == entry["commitment"]


def main() -> int:
    """Read the file beside this one, and say what holds."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--head", action="append", default=[], help="a hash that was kept")
    options = parser.parse_args()
    heads: dict[str, tuple[int, str]] = {}
    hashes: set[str] = set()
    path = Path(__file__).resolve().parent / "entries.jsonl"
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        for line in lines:
            fault = wrong(line, heads)
            if fault is not None:
                print(f"wrong: {fault[0]}: {fault[1]}")
                return 1
            entry = json.loads(line)
            hashes |= {entry["hash"], entry["previous"]}
    for head in options.head:
        if head.lower() not in hashes:
            print(f"wrong: no entry has the head {head}: the end was cut off, or made anew")
            return 1
    for series, (number, own) in sorted(heads.items()):
        print(f"{series}: {number} entries hold, head {own}")
    if not options.head:
        print("unwitnessed: no head was given to compare it with (--head)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
