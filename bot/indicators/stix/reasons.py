"""Why an object was set aside, why nothing of it is indexed, and what was odd in it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why an object, or a whole file, was set aside."""

    NOT_JSON = "not-json"
    NOT_UTF8 = "not-utf-8"
    NOT_AN_OBJECT = "not-an-object"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    DUPLICATE_KEY = "duplicate-key"
    """Two readers could read two things: one marked, the other not."""
    WRONG_FIELD = "wrong-field"
    BAD_ID = "bad-id"
    BAD_TIME = "bad-time"
    RED = "red"
    UNKNOWN_MARKING = "unknown-marking"
    """It counts as the most restrictive one, so the object is not kept."""
    FORGED_MARKING = "forged-marking"
    """A definition that gives the fixed id of a TLP label another meaning."""
    TRUNCATED = "truncated"
    PACKED = "packed"
    """An archive that is not read, or one that unpacks to more than is taken."""


class Opaque(StrEnum):
    """Why nothing of a pattern can be indexed."""

    LANGUAGE = "pattern-language"
    """Snort, YARA, Sigma, PCRE …: kept as it is."""
    TOO_LONG = "pattern-too-long"
    TOO_DEEP = "pattern-too-deep"
    MALFORMED = "pattern-malformed"
    NEGATED = "pattern-negated"
    OPERATOR = "pattern-operator"
    """Only LIKE, MATCHES, <, EXISTS …: regular expressions of others are never run."""
    PROPERTY = "pattern-property"
    """Only properties of which nothing can be looked up."""
    VALUE = "pattern-value"
    """Values that are none of their kind."""


class Note(StrEnum):
    """What was odd in an object that was taken all the same."""

    CONFIDENCE = "confidence"
    """No whole number from 0 to 100: it counts as unspecified."""
    TIME = "time"
    """A time, other than that of the version, which cannot be read."""
    FIELD = "field"
    """A field of the wrong type, left out."""
    PARTLY = "pattern-partly"
    """Some of its pattern is indexed, and some cannot be."""
    VALUE = "value"
    """A value that is none of its kind."""
