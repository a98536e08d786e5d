"""Every error that Liaison itself raises.

LiaisonError
├── UserError               shown to the person as it stands: says what to do
│   └── Misused             a command was typed wrongly: how it is typed is said below
├── ConfigurationError      the file cannot be used; holds every mistake found
├── StoreError              the store cannot be used
│   ├── StoreBusy           another process holds it
│   ├── StoreFull           no room left to write
│   └── StoreNewer          written by a later version of Liaison
├── FeedError               a source of indicators did not give what it should
├── BadTemplate             what an advisory looks like holds what none may
├── LeaseLost               another process took over the work in hand
└── PlatformError           a network did not do what we asked
    ├── NotSent             for certain not carried out; try again, after `retry_after`
    │   └── Throttled       the network said when
    ├── OutcomeUnknown      nobody can say whether it was carried out
    ├── Refused             for good: the same request will never be accepted
    │   └── Barred          but by the room, as long as it is closed to us: the lane waits
    └── AccountRefused      the account itself was refused: token, password, suspension
"""

from __future__ import annotations

from collections.abc import Sequence


class LiaisonError(Exception):
    """The root: catch it only where a process ends."""


class UserError(LiaisonError):
    """Shown to the person as it stands, in words that say what to do.

    `words` is a message id of the catalogues and `values` what is filled in, so that the text can
    be said in the reader's language.
    """

    looked_up = 0
    """How many values were looked up before it was raised: they count as if they were answered."""

    def __init__(self, words: str, **values: object) -> None:
        super().__init__(words.format(**values) if values else words)
        self.words = words
        self.values = values


class Misused(UserError):
    """A command was typed wrongly. What answers it adds how that command is typed."""


class ConfigurationError(LiaisonError):
    """The configuration cannot be used: a line for each mistake, naming file, key, expectation."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class StoreError(LiaisonError):
    """The store cannot be used; the text says why and what to do."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class StoreFull(StoreError):
    """The disk or the quota is full."""


class StoreNewer(StoreError):
    """The store was written by a later version of Liaison."""


class FeedError(LiaisonError):
    """A feed did not give what it should: what is stored of it stays as it is.

    `reason` is a code of `bot.feeds.problems`, never an address or what was read.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds until a new try makes sense, where the source said so."""


class BadTemplate(LiaisonError):
    """A template that holds what none may, or makes too much of what it is given."""


class LeaseLost(LiaisonError):
    """Another process has taken over the work in hand: stop, write nothing."""


class PlatformError(LiaisonError):
    """A network did not do what was asked. `reason` is a short code, never message text."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds until a new try makes sense, where the network said so."""


class NotSent(PlatformError):
    """For certain not carried out (no connection, refused for now): the lane tries again."""


class Throttled(NotSent):
    """The network asked for a pause of `retry_after` seconds."""


class OutcomeUnknown(PlatformError):
    """The request may or may not have been carried out (time-out, connection cut, 5xx)."""


class Refused(PlatformError):
    """Refused for good: too long, message gone, not allowed. The delivery ends as dead."""


class Barred(Refused):
    """Refused by the room, whatever is asked: archived, the bot removed, its right to speak taken.

    Somebody may open it again, so its lane waits, as it does for a network.
    """


class AccountRefused(PlatformError):
    """The account was refused. `mend` names the key and how to get a right one."""

    def __init__(self, reason: str, *, mend: str) -> None:
        super().__init__(reason)
        self.mend = mend
