"""Advisories, their seals, and who says to have read them."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "advisory",
        *_texts("ref", "channels", "state", "author"),
        _list("writers"),
        _text("team"),
        *_texts("document"),
        _text("pending"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _list("sealing"),
        _list("roster"),
        _instant("created"),
        _instant("at", nullable=True),
        _text("schedule"),
        _list("lifts"),
        *(_instant(name, nullable=True) for name in ("released", "closed", "asked")),
        *(_text(name) for name in ("supersedes", "superseded", "reason")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_advisory")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_advisory_ref")),
    )
    op.create_index("ix_advisory_state", "advisory", ["state", "created"])
    op.create_table(
        "seal",
        _id(),
        *_texts("ref"),
        _text("team"),
        *_texts("person"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.ForeignKeyConstraint(["ref"], ["advisory.ref"], name=op.f("fk_seal_ref")),
    )
    op.create_index("ix_seal_ref", "seal", ["ref", "id"])
    op.create_table(
        "acknowledgement",
        _id(),
        *_texts("ref", "team", "state", "person"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.ForeignKeyConstraint(["ref"], ["advisory.ref"], name=op.f("fk_acknowledgement_ref")),
    )
    op.create_index("ix_acknowledgement_ref", "acknowledgement", ["ref", "id"])


def _id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, autoincrement=True, nullable=False)


def _list(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="[]")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)
