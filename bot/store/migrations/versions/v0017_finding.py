"""Decisions found by their words, and whose words stand with them."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0017"
down_revision = "0016"

_FULL_TEXT = {
    "sqlite": [
        "CREATE VIRTUAL TABLE decision_words USING fts5(words, detail=none, "  # noqa: ISC004
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.-:/@_=+'\")",
    ],
    "postgresql": [
        "CREATE TABLE decision_words (id BIGINT PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX ix_decision_words ON decision_words USING gin (words)",
    ],
}


def upgrade() -> None:
    op.create_table(
        "decision_readership",
        _id(),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_readership")),
        sa.UniqueConstraint("what", name=op.f("uq_decision_readership_what")),
    )
    op.create_table(
        "decision_index",
        _id(),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("readership", _number(), nullable=False),
        sa.Column("said", bot.store.columns.Instant(), nullable=False),
        sa.Column("opened", bot.store.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_index")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_index_ref")),
        sa.ForeignKeyConstraint(["ref"], ["decision.ref"], name=op.f("fk_decision_index_ref")),
        sa.ForeignKeyConstraint(
            ["readership"], ["decision_readership.id"], name=op.f("fk_decision_index_readership")
        ),
    )
    op.create_index("ix_decision_index_opened", "decision_index", ["opened"])
    op.create_table(
        "decision_context",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("message", _number(), nullable=False),
        sa.PrimaryKeyConstraint("series", "entry", name=op.f("pk_decision_context")),
        sa.ForeignKeyConstraint(["ref"], ["decision.ref"], name=op.f("fk_decision_context_ref")),
    )
    op.create_index("ix_decision_context_message", "decision_context", ["message"])
    for statement in _FULL_TEXT[op.get_bind().dialect.name]:
        op.execute(statement)


def _id() -> sa.Column[int]:
    return sa.Column("id", _number(), autoincrement=True, nullable=False)


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
