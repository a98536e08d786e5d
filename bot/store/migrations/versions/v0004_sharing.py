"""How things are marked, who can read them, and the record of what was done."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0004"
down_revision = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("originator", "label", "releasable", "floor", "released"):
        op.add_column("message", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("message", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.add_column(
        "message",
        sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("message", sa.Column("recalled", bot.store.columns.Instant(), nullable=True))
    # One statement that both databases know; Alembic would copy the whole table on SQLite.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for name in ("root", "answers"):
        op.execute(
            f"ALTER TABLE message ADD COLUMN {name} {number} "
            f"CONSTRAINT fk_message_{name} REFERENCES message (id)"
        )
        _partial(f"ix_message_{name}", "message", [name], f"{name} IS NOT NULL")
    op.add_column("outbox", sa.Column("matter", sa.Text(), nullable=True))
    _readers()
    _consent()
    _audit()


def _readers() -> None:
    op.create_table(
        "roster",
        _id(),
        *_texts("room", "person", "name", "standing"),
        _text("team", nullable=True),
        _instant("since"),
        _instant("until", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
    )
    _partial("ix_roster_room", "roster", ["room", "person"], "until IS NULL", unique=True)
    op.create_index("ix_roster_ended", "roster", ["room", "until"])
    op.create_table(
        "membership",
        _id(),
        *_texts("kind", "name", "team"),
        _instant("since", nullable=True),
        _instant("until", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_name", "membership", ["kind", "name"])


def _consent() -> None:
    op.create_table(
        "freeze",
        _id(),
        *_texts("kind", "name", "by"),
        _text("team", nullable=True),
        _instant("since"),
        _instant("until", nullable=True),
        _text("thawed_by", nullable=True),
        sa.Column("held", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze")),
    )
    _partial("ix_freeze_open", "freeze", ["kind", "name"], "until IS NULL")
    op.create_table(
        "hold",
        _id(),
        *_texts("kind", "name", "by"),
        _instant("since"),
        _instant("until", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_table(
        "request",
        _id(),
        *_texts("handle", "kind", "object", "by"),
        _text("team", nullable=True),
        _text("wanted"),
        sa.Column("answers", sa.Text(), nullable=False, server_default="[]"),
        _text("state"),
        _instant("created"),
        _instant("closed", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("handle", name=op.f("uq_request_handle")),
    )
    op.create_index("ix_request_object", "request", ["object"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        _instant("at"),
        _text("who"),
        _text("team", nullable=True),
        *_texts("action", "object", "rule", "outcome"),
        _text("originator", nullable=True),
        sa.Column("number", _NUMBER, nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_number")),
    )
    _partial("ix_audit_unsealed", "audit", ["seq"], "hash IS NULL")
    op.create_index("ix_audit_object", "audit", ["object"])
    op.create_index("ix_audit_team", "audit", ["team", "at"])
    _partial("ix_audit_originator", "audit", ["originator", "at"], "originator IS NOT NULL")


def _id() -> sa.Column[int]:
    return sa.Column("id", _NUMBER, autoincrement=True, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)
