"""What sources say of values; warning lists; what people add."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0009"
down_revision = "0008"

_BIG = sa.BigInteger()
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = bot.store.columns.Instant()
_INTEGER, _TEXT, _BYTES, _BOOLEAN = sa.Integer(), sa.Text(), sa.LargeBinary(), sa.Boolean()


def upgrade() -> None:
    _sources()
    _objects()
    _values()
    _around()
    _warnings()
    _people()


def _sources() -> None:
    _table("indicator_tide", ("id", _INTEGER), ("last", _BIG), ("epoch", _BIG), counted=False)
    op.execute("INSERT INTO indicator_tide (id, last, epoch) VALUES (1, 0, 0)")
    _table(
        "indicator_source",
        ("id", _NUMBER),
        ("kind", _TEXT),
        ("name", _TEXT),
        ("marking", _INTEGER),
        ("read", _INSTANT, None),
        ("tried", _INSTANT, None),
        ("fault", _TEXT, None),
        ("holder", _TEXT, None),
        ("settled", _BIG, "0"),
        ("red", _INTEGER, "0"),
        unique=("kind", "name"),
    )
    _table(
        "indicator_marking",
        ("id", _NUMBER),
        ("label", _TEXT),
        ("releasable", _TEXT),
        ("originator", _TEXT),
        unique=("label", "releasable", "originator"),
    )
    _table(
        "indicator_tally",
        ("source", _INTEGER),
        ("marking", _INTEGER),
        ("objects", _INTEGER),
        ("indicators", _INTEGER),
        key=("source", "marking"),
    )


def _objects() -> None:
    _table(
        "indicator_object",
        ("id", _NUMBER),
        ("source", _INTEGER),
        ("key", _BIG),
        ("ref", _TEXT),
        ("version", _BIG),
        ("kind", _TEXT),
        ("marking", _INTEGER),
        ("said", _INSTANT),
        ("first", _INSTANT),
        ("received", _INSTANT),
        ("revoked", _BOOLEAN),
        ("name", _TEXT),
        ("confidence", _INTEGER, None),
        ("labels", _TEXT),
        ("phases", _TEXT),
        ("valid_from", _INSTANT, None),
        ("valid_until", _INSTANT, None),
        ("named", _TEXT),
        ("opaque", _TEXT),
        counted=False,
    )
    op.create_index("ix_indicator_object_said", "indicator_object", ["source", "marking", "said"])
    _table("indicator_raw", ("object", _NUMBER), ("raw", _BYTES), key=("object",), counted=False)
    _table(
        "indicator_identity",
        ("key", _BIG),
        ("source", _INTEGER),
        ("object", _BIG, None),
        ("digest", _BIG),
        ("version", _BIG, None),
        key=("key", "source"),
        clustered=True,
    )


def _values() -> None:
    _table(
        "indicator_statement",
        ("key", _BIG),
        ("object", _BIG),
        ("part", _BOOLEAN),
        key=("key", "object"),
        clustered=True,
    )
    _table(
        "indicator_network",
        ("key", _BYTES),
        ("object", _BIG),
        key=("key", "object"),
        clustered=True,
    )


def _around() -> None:
    _table(
        "indicator_link",
        ("id", _NUMBER),
        ("object", _BIG),
        ("source", _INTEGER),
        ("kind", _TEXT),
        ("start", _BIG),
        ("target", _BIG),
    )
    for name in ("start", "target"):
        op.create_index(f"ix_indicator_link_{name}", "indicator_link", [name, "source"])
    op.create_index("ix_indicator_link_object", "indicator_link", ["object"])
    _table(
        "indicator_sighting",
        ("id", _NUMBER),
        ("object", _BIG, None),
        ("source", _INTEGER, None),
        ("of", _BIG, None),
        ("key", _BIG, None),
        ("team", _TEXT, None),
        ("times", _INTEGER),
        ("first", _INSTANT, None),
        ("last", _INSTANT, None),
        ("place", _TEXT),
        ("marking", _INTEGER),
        ("said", _INSTANT),
    )
    for name, columns in (("of", ["of", "source"]), ("key", ["key"]), ("object", ["object"])):
        only = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_indicator_sighting_{name}",
            "indicator_sighting",
            columns,
            sqlite_where=only,
            postgresql_where=only,
        )
    _table(
        "indicator_quarantine",
        ("source", _INTEGER),
        ("digest", _BIG),
        ("reason", _TEXT),
        ("ref", _TEXT),
        ("raw", _BYTES, None),
        ("received", _INSTANT),
        key=("source", "digest"),
    )


def _warnings() -> None:
    _table(
        "warning_list",
        ("id", _NUMBER),
        ("slug", _TEXT),
        ("name", _TEXT),
        ("version", _TEXT),
        ("kinds", _TEXT),
        unique=("slug",),
    )
    _table(
        "warning_list_entry",
        ("key", _BIG),
        ("list", _INTEGER),
        ("below", _BOOLEAN),
        key=("key", "list"),
        clustered=True,
    )
    _table(
        "warning_list_network",
        ("key", _BYTES),
        ("list", _INTEGER),
        key=("key", "list"),
        clustered=True,
    )


def _people() -> None:
    _table(
        "indicator_watch",
        ("id", _NUMBER),
        ("person", _TEXT),
        ("team", _TEXT, None),
        ("kind", _TEXT),
        ("value", _TEXT),
        ("place", _TEXT),
        ("since", _INSTANT),
        ("seen", _BIG),
        unique=("person", "kind", "value"),
    )
    _table(
        "indicator_false_positive",
        ("id", _NUMBER),
        ("key", _BIG),
        ("team", _TEXT),
        ("note", _TEXT),
        ("marking", _INTEGER),
        ("said", _INSTANT),
    )
    op.create_index(
        "ix_indicator_false_positive_key", "indicator_false_positive", ["key", "team"], unique=True
    )
    _table(
        "indicator_contribution",
        ("id", _NUMBER),
        *((name, _TEXT) for name in ("handle", "person", "team", "kind", "value", "note")),
        ("marking", _INTEGER),
        ("reason", _TEXT),
        ("created", _INSTANT),
        ("closed", _INSTANT, None),
        ("by", _TEXT, None),
        ("agreed", _BOOLEAN, "false"),
        unique=("handle",),
    )
    _table(
        "indicator_quota",
        ("person", _TEXT),
        ("day", _TEXT),
        ("team", _TEXT, None),
        ("values", _INTEGER),
        ("told", _BOOLEAN, "false"),
        key=("person", "day"),
    )


def _table(
    table: str,
    *columns: tuple[Any, ...],
    key: tuple[str, ...] = ("id",),
    unique: tuple[str, ...] = (),
    clustered: bool = False,
    counted: bool = True,
) -> None:
    """A column is a name, a type and, where it has one, None (may be NULL) or a default."""
    made = [_column(*each, counts=counted and key == ("id",)) for each in columns]
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))]
    if unique:
        name = op.f(f"uq_{table}_{'_'.join(unique)}")
        constraints.append(sa.UniqueConstraint(*unique, name=name))
    op.create_table(
        table,
        *made,
        *constraints,
        sqlite_with_rowid=not clustered,
        sqlite_autoincrement=table == "warning_list",
    )


def _column(
    name: str, kind: "sa.types.TypeEngine[object]", *rest: str | None, counts: bool
) -> "sa.Column[object]":
    default = rest[0] if rest and rest[0] is not None else None
    return sa.Column(
        name,
        kind,
        nullable=bool(rest) and rest[0] is None,
        server_default=None if default is None else sa.text(default),
        autoincrement=counts and name == "id",
    )
