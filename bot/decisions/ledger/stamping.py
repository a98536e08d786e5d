"""Time-stamps of heads (RFC 3161): what is asked of an authority, and what its answer proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from bot.decisions.ledger.signing import statement

ASKED, ANSWERED = "application/timestamp-query", "application/timestamp-reply"
"""Media types (RFC 3161, 3.4)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a time-stamp, as it is sent, and the number that the answer has to repeat."""

    content: bytes
    nonce: int | None


def question(series: str, entry: int, own: str) -> Question:
    """Ask for a time-stamp of a head; the authority sees a hash alone."""
    builder = TimestampRequestBuilder().data(statement(series, entry, own))
    request = builder.hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True).build()
    return Question(request.as_bytes(), request.nonce)


def stamped_at(
    answer: bytes,
    roots: Sequence[Certificate],
    series: str,
    entry: int,
    own: str,
    nonce: int | None = None,
) -> datetime | None:
    """When an authority that follows from these certificates saw a head; None where the answer
    proves nothing of the kind.
    """
    try:
        response = decode_timestamp_response(answer)
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(response, statement(series, entry, own))
    except (VerificationError, ValueError, TypeError, AttributeError):
        return None
    return response.tst_info.gen_time
