"""Who is on duty, who is paged, and which alerts ring for that."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "duty_shift",
        _id(),
        *_texts("team", "member", "name"),
        *_maybe("deputy", "deputy_name"),
        _instant("since"),
        _instant("until", nullable=True),
        *_texts("by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
    )
    op.create_index("ix_duty_shift_team", "duty_shift", ["team", "since"])
    op.create_table(
        "duty_rota",
        *_texts("team", "said", "zone"),
        _instant("since"),
        *_texts("people", "by"),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_duty_rota")),
    )
    op.create_table(
        "page",
        *_texts("ref", "number"),
        *_maybe("about", "drill"),
        *_texts("team", "severity"),
        *_maybe("text", "marked"),
        *_texts("by"),
        *_maybe("by_team", "place", "link"),
        _instant("created"),
        sa.Column("rung", sa.Integer(), nullable=False, server_default="0"),
        _list("rang"),
        *_maybe("post"),
        _instant("reached", nullable=True),
        _list("told"),
        _instant("acknowledged", nullable=True),
        *_maybe("acknowledged_by"),
        _instant("ended", nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_page")),
    )
    op.create_index("ix_page_team", "page", ["team", "created"])
    for name in ("about", "drill"):
        op.create_index(f"ix_page_{name}", "page", [name], **_only(f"{name} IS NOT NULL"))
    op.create_table(
        "page_alert",
        _id(),
        *_texts("page"),
        sa.Column("rung", sa.Integer(), nullable=False),
        *_texts("service", "state"),
        *_maybe("reason"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        _instant("created"),
        _instant("finished", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_alert")),
        sa.ForeignKeyConstraint(["page"], ["page.ref"], name=op.f("fk_page_alert_page")),
        sa.UniqueConstraint(
            "page", "rung", "service", name=op.f("uq_page_alert_page_rung_service")
        ),
    )
    op.create_index(
        "ix_page_alert_open", "page_alert", ["id"], **_only("state IN ('waiting', 'sending')")
    )
    op.create_table(
        "drill",
        *_texts("ref", "channel"),
        sa.Column("announced", sa.Boolean(), nullable=False),
        *_texts("by"),
        *_maybe("by_team", "place"),
        _instant("created"),
        _instant("reported", nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_drill")),
    )


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, autoincrement=True, nullable=False)


def _list(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="[]")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)
