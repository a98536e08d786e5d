"""Verify an export of Liaison's ledger: `python3 verify.py [--head HASH]`.

Needs nothing but Python 3.8 or newer and reads the files beside it: `entries.jsonl`, an entry a
line. Prints the first entry that is wrong and exits 1, or says what holds and exits 0.

An entry's hash is SHA-256 over the JSON array [series, entry, ref, number, kind, at, body,
commitment, previous], written as RFC 8785 demands; its commitment is SHA-256(salt + text), where
the text has not been erased. A chain by itself proves that nobody changed it who could not compute
it anew: compare its heads with those that were told to the rooms at the time (`--head`).

Where heads were signed, `heads.jsonl` has the signatures (Ed25519, RFC 8032) of the line
`liaison: the ledger of SERIES has N entries, its head is HASH` and a line feed; `--key` names the
key that the newest has to be of. Those of earlier keys are held against the entry of the kind `key`
that names them. Time-stamps: see HOW-TO-VERIFY.md.
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
        if not is_whole(entry):
            return "an entry", "it has other parts than an entry"
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
    if (entry.get("text") is None) != (entry.get("salt") is None):
        return name, "its text was altered"  # both are erased together
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


def is_whole(entry: dict[str, object]) -> bool:
    """Whether it has the parts of an entry and no others."""
    if entry.get("withheld") is True:
        return set(entry) == {"series", "entry", "previous", "hash", "withheld"}
    salt = entry.get("salt")
    plain = salt is None or (isinstance(salt, str) and salt == salt.lower())
    return set(entry) == {*COLUMNS, "text", "salt", "hash"} and plain


def is_committed(entry: dict[str, object]) -> bool:
    """Whether an entry's text is the one that was committed to."""
    try:
        salted = bytes.fromhex(str(entry.get("salt"))) + str(entry["text"]).encode()
    except ValueError:
        return False
    return hashlib.sha256(salted).hexdigest() == entry["commitment"]


# Ed25519 as RFC 8032 (5.1) describes it: slow, short, and for verifying alone.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """The sum of two points, in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A multiple of a point."""
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def decoded(raw: bytes) -> tuple[int, int, int, int]:
    """The point that 32 bytes stand for; ValueError where they are none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (not x and sign):
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key: bytes, signature: bytes, said: bytes) -> bool:
    """Whether a signature is that key's, over these bytes."""
    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        public, nonce = decoded(key), decoded(signature[:32])
    except ValueError:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    digest = hashlib.sha512(signature[:32] + key + said).digest()
    left = times(scalar, BASE)
    right = add(nonce, times(int.from_bytes(digest, "little") % ORDER, public))
    same = (left[0] * right[2] - right[0] * left[2]) % P or (
        left[1] * right[2] - right[1] * left[2]
    ) % P
    return scalar < ORDER and not same


def key_at(named: list[tuple[int, str]], entry: int) -> str | None:
    """The key that a head has to be signed by: the last one that the chain names up to it, of heads
    from before it named any the first; None where it names none.
    """
    before = [key for at, key in named if at <= entry]
    return before[-1] if before else next((key for _, key in named), None)


def unsigned(
    path: Path,
    hashes: dict[str, tuple[str, int]],
    named: dict[str, list[tuple[int, str]]],
    keys: list[str],
) -> str | None:
    """What is wrong with the signatures of heads, or None; says which hold."""
    if not path.exists():
        return "no head is signed" if keys else None
    newest: dict[tuple[str, str], int] = {}
    last: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        head = json.loads(line)
        series, entry, own = str(head["series"]), int(head["entry"]), str(head["hash"])
        if hashes.get(own) != (series, entry):
            return f"{series} entry {entry}: it is not the one that was signed or time-stamped"
        if head["signature"] is None:
            continue
        said = f"liaison: the ledger of {series} has {entry} entries, its head is {own}\n"
        signature, key = bytes.fromhex(head["signature"]), str(head["key"])
        wanted = key_at(named.get(series, []), entry)
        known = key in keys or not keys if wanted is None else key == wanted
        if not known or not is_signed(bytes.fromhex(key), signature, said.encode()):
            return f"{series} entry {entry}: its signature is not that of the key"
        newest[series, key], last[series] = entry, key
    for series, key in last.items():
        if keys and key not in keys:
            entry = newest[series, key]
            return f"{series} entry {entry}: it is signed by the key {key}, which was not given"
    for (series, key), entry in sorted(newest.items()):
        print(f"{series}: signed up to entry {entry}, by the key {key}")
    return "no head is signed" if keys and not newest else None


def main() -> int:
    """Read the file beside this one, and say what holds."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--head", action="append", default=[], help="a hash that was kept")
    parser.add_argument("--key", action="append", default=[], help="a key, 64 hex digits")
    options = parser.parse_args()
    heads: dict[str, tuple[int, str]] = {}
    hashes: dict[str, tuple[str, int]] = {}
    named: dict[str, list[tuple[int, str]]] = {}
    path = Path(__file__).resolve().parent / "entries.jsonl"
    if not path.exists():
        print(f"wrong: {path.name} is not here: unpack all of the bundle, and run this there")
        return 1
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        for line in lines:
            fault = wrong(line, heads)
            if fault is not None:
                print(f"wrong: {fault[0]}: {fault[1]}")
                return 1
            entry = json.loads(line)
            series, number = str(entry["series"]), int(entry["entry"])
            hashes.setdefault(entry["previous"], (series, number - 1))
            hashes[entry["hash"]] = (series, number)
            if entry.get("kind") == "key" and isinstance(entry["body"], dict):
                named.setdefault(series, []).append((number, str(entry["body"].get("key"))))
    for head in options.head:
        if head.lower() not in hashes:
            print(f"wrong: no entry has the head {head}: the end was cut off, or made anew")
            return 1
    try:
        fault_of_heads = unsigned(
            path.with_name("heads.jsonl"), hashes, named, [key.lower() for key in options.key]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fault_of_heads = "heads.jsonl: it cannot be read"
    if fault_of_heads is not None:
        print(f"wrong: {fault_of_heads}")
        return 1
    for series, (number, own) in sorted(heads.items()):
        print(f"{series}: {number} entries hold, head {own}")
    if not options.head:
        print("unwitnessed: no head was given to compare it with (--head)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
