"""What people call things by, and the ledger of what was decided."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "reference",
        *_texts("handle", "kind", "series"),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("year", "number")),
        _instant("created"),
        _instant("numbered", nullable=True),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_reference")),
        sa.UniqueConstraint(
            "series", "year", "number", name=op.f("uq_reference_series_year_number")
        ),
    )
    op.create_table(
        "ledger",
        *_texts("series"),
        sa.Column("entry", sa.Integer(), nullable=False),
        *_texts("ref"),
        sa.Column("number", sa.Text(), nullable=True),
        *_texts("kind"),
        _instant("at"),
        *_texts("body"),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("series", "entry", name=op.f("pk_ledger")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_ledger_ref")),
    )
    op.create_table(
        "posting",
        *_texts("delivery", "ref", "kind", "room"),
        sa.Column("part", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_posting")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_posting_ref")),
    )
    op.create_index("ix_posting_ref", "posting", ["ref", "kind", "room"])
    _decisions()
    op.create_table(
        "heard",
        *_texts("room"),
        _instant("until"),
        _instant("at"),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_heard")),
    )
    op.create_index("ix_ledger_ref", "ledger", ["ref", "entry"])


def _decisions() -> None:
    op.create_table(
        "decision",
        *_texts("ref", "channel", "method", "state", "matter", "proposer", "roster", "rules"),
        *_maybe("waiting", "team", "chair"),
        _instant("opened"),
        *(_instant(name, nullable=True) for name in ("expires", "closed", "read", "look")),
        *(
            sa.Column(name, sa.Text(), nullable=False, server_default="[]")
            for name in ("excluded", "told")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_decision")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_decision_ref")),
    )
    open_alone = sa.text("state = 'open'")
    op.create_index(
        "ix_decision_look", "decision", ["look"],
        sqlite_where=open_alone, postgresql_where=open_alone,
    )  # fmt: skip
    op.create_index("ix_decision_channel", "decision", ["channel", "opened"])
    op.create_table(
        "voice",
        _id(),
        *_texts("ref", "team", "person", "stance"),
        _instant("said"),
        _instant("received"),
        _instant("confirmed", nullable=True),
        _instant("affirmed", nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("entered", "counted")),
        *_maybe("reason", "ruling"),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice")),
        sa.ForeignKeyConstraint(["ref"], ["decision.ref"], name=op.f("fk_voice_ref")),
    )
    op.create_index("ix_voice_ref", "voice", ["ref", "id"])
    op.create_table(
        "task",
        _id(),
        *_texts("ref", "owner"),
        *_maybe("team", "done_by"),
        sa.Column("entry", sa.Integer(), nullable=False),
        *(_instant(name, nullable=True) for name in ("due", "done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.ForeignKeyConstraint(["ref"], ["decision.ref"], name=op.f("fk_task_ref")),
    )
    op.create_index("ix_task_ref", "task", ["ref", "id"])
    undone = sa.text("done IS NULL")
    op.create_index(
        "ix_task_open", "task", ["team", "due"], sqlite_where=undone, postgresql_where=undone
    )


def _id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, autoincrement=True, nullable=False)


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)
