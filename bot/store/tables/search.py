"""The tables in which decisions are found by their words.

`decision_words` is full text and each database's own: FTS5 on SQLite, a `tsvector` on PostgreSQL.
SQLAlchemy has no word for either, so it is made here by hand and stands in no metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, ForeignKey, Index, MetaData, event, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered, Sequence
from bot.store.tables.base import Base

WORDS = "decision_words"
"""The full text's table; what it is made of on SQLite has names that begin with it."""
MADE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sqlite": (
            "CREATE VIRTUAL TABLE decision_words USING fts5(words, detail=none, "  # noqa: ISC004
            "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.-:/@_=+'\")",
        ),
        "postgresql": (
            "CREATE TABLE decision_words (id BIGINT PRIMARY KEY, words tsvector NOT NULL)",
            "CREATE INDEX ix_decision_words ON decision_words USING gin (words)",
        ),
    }
)


class Readership(Base):
    """For whom decisions are that are marked alike in one channel: asked about once for all."""

    __tablename__ = "decision_readership"

    id: Mapped[Numbered]
    what: Mapped[str] = mapped_column(unique=True)
    """JSON of channel, label and lists."""


class Indexed(Base):
    """A decision that can be found. `id`: of its words, the newer the higher."""

    __tablename__ = "decision_index"

    id: Mapped[Numbered]
    ref: Mapped[str] = mapped_column(ForeignKey("decision.ref"), unique=True)
    readership: Mapped[int] = mapped_column(ForeignKey("decision_readership.id"))
    said: Mapped[datetime]
    """When what marks it was said: who came later may not read it."""
    opened: Mapped[datetime]

    __table_args__ = (Index("ix_decision_index_opened", "opened"),)


class Borrowed(Base):
    """A message whose words stand in the ledger with a decision: so that they leave it too when
    the message is taken back.
    """

    __tablename__ = "decision_context"

    series: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("decision.ref"))
    message: Mapped[int] = mapped_column(Sequence)
    """Its row in `message`."""

    __table_args__ = (Index("ix_decision_context_message", "message"),)


def _make(target: MetaData, connection: Connection, **_how: object) -> None:
    """Make the full text where all tables are made at once, as in small tests."""
    del target
    for statement in MADE[connection.dialect.name]:
        connection.execute(text(statement))


event.listen(Base.metadata, "after_create", _make)
