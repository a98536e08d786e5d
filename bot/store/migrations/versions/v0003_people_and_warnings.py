"""Who people are elsewhere, and which messages bear a warning."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _linked_accounts()
    op.create_table(
        "warning",
        sa.Column("message", _NUMBER, nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_warning_message")),
        sa.PrimaryKeyConstraint("message", "room", name=op.f("pk_warning")),
    )


def _linked_accounts() -> None:
    op.create_table(
        "linked_account",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("human", sa.Text(), nullable=False),
        sa.Column("since", bot.store.columns.Instant(), nullable=False),
        sa.Column("until", bot.store.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_account")),
    )
    _unique("ix_linked_account_person", "linked_account", "person", "until IS NULL")
    op.create_index("ix_linked_account_human", "linked_account", ["human"])
    op.create_table(
        "link_code",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("expires", bot.store.columns.Instant(), nullable=True),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("claimant_name", sa.Text(), nullable=True),
        sa.Column("claimant_place", sa.Text(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried", bot.store.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_link_code")),
    )
    _unique("ix_link_code_code", "link_code", "code", "code IS NOT NULL")


def _unique(name: str, table: str, column: str, where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, [column], unique=True, sqlite_where=only, postgresql_where=only)
