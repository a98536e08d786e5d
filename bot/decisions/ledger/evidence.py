"""What bears witness to heads, as files of a bundle: for verify.py, and for others' programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy.orm import Session

from bot.decisions.ledger import witnessing
from bot.decisions.ledger.signing import public_pem, statement

_encode = msgspec.json.Encoder().encode
_HOW = """# How to verify this

    python3 verify.py [--head HASH] [--key HEX]

needs nothing but Python. It follows each chain, compares the texts with their commitments, and the
signatures in `heads.jsonl` with the keys that stand there. That these are the right keys it cannot
know: give the one that you were told (`--key`), or that stands in the rooms. It has to be that of
the newest head; those of earlier keys are named by entries of the kind `key`, which the newest
signature covers.

Of each head that was signed or time-stamped there are files in `heads/`: the line itself (`.txt`),
the signature (`.sig`), the answer of the time-stamp authority (`.tsr`, RFC 3161). With OpenSSL, and
the authority's certificates as you got them from itself:

    openssl pkeyutl -verify -pubin -inkey heads/KEY.pem -rawin \\
        -in heads/NAME.txt -sigfile heads/NAME.sig
    openssl ts -verify -data heads/NAME.txt -in heads/NAME.tsr -CAfile authority.pem
    openssl ts -reply -in heads/NAME.tsr -text
"""


def files(session: Session, series: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The files, by name; how to verify them is always among them."""
    lines, keys = list[bytes](), dict[bytes, None]()
    for name in series:
        for row in witnessing.of(session, name):
            own, base = row.hash.hex(), f"heads/{row.series}-{row.entry}"
            said = {"series": row.series, "entry": row.entry, "hash": own}
            said |= {"key": None if row.key is None else row.key.hex()}
            said |= {"signature": None if row.signature is None else row.signature.hex()}
            lines.append(_encode(said) + b"\n")
            yield f"{base}.txt", statement(row.series, row.entry, own)
            if row.signature is not None and row.key is not None:
                yield f"{base}.sig", row.signature
                keys[row.key] = None
            if row.stamp is not None:
                yield f"{base}.tsr", row.stamp
    for key in keys:
        yield f"heads/{key.hex()[:16]}.pem", public_pem(key)
    yield "heads.jsonl", b"".join(lines)
    yield "HOW-TO-VERIFY.md", _HOW.encode()
