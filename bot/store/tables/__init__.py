"""Every table, typed: those that all parts share; each part's own are in the file of its name."""

from bot.store.tables import (  # all are known where one is: migrations compare them
    advisories,
    decisions,
    indicators,
    paging,
    recognition,
    recovery,
    search,
    sources,
    witnesses,
)
from bot.store.tables.base import Base, only
from bot.store.tables.custody import (
    Audit,
    Freeze,
    Hold,
    Membership,
    Posting,
    Reference,
    Request,
    Roster,
)
from bot.store.tables.outgoing import OPEN, Offer, Outbox, State
from bot.store.tables.people import LinkCode, LinkedAccount
from bot.store.tables.reading import Heard, Lease, Mark, Memory
from bot.store.tables.relayed import (
    Inbox,
    InboxState,
    Knowledge,
    Message,
    Quotation,
    Reaction,
    Warned,
)
from bot.store.tables.schedules import Occurrence, Schedule

__all__ = [
    "OPEN",
    "Audit",
    "Base",
    "Freeze",
    "Heard",
    "Hold",
    "Inbox",
    "InboxState",
    "Knowledge",
    "Lease",
    "LinkCode",
    "LinkedAccount",
    "Mark",
    "Membership",
    "Memory",
    "Message",
    "Occurrence",
    "Offer",
    "Outbox",
    "Posting",
    "Quotation",
    "Reaction",
    "Reference",
    "Request",
    "Roster",
    "Schedule",
    "State",
    "Warned",
    "advisories",
    "decisions",
    "indicators",
    "only",
    "paging",
    "recognition",
    "recovery",
    "search",
    "sources",
    "witnesses",
]
