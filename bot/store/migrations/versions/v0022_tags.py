"""Indicators found by their labels, all that holds of a source's objects by default, and what
third parties are still asked.
"""

import json
from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"

_PAGE = 5_000
_BEARING = sa.text(
    "SELECT id, labels FROM indicator_object "
    "WHERE id > :after AND labels <> '' AND named <> '' ORDER BY id LIMIT :page"
)
_TAG = sa.text(
    "INSERT INTO indicator_tag (key, object) VALUES (:key, :object) "
    "ON CONFLICT (key, object) DO NOTHING"
)


def upgrade() -> None:
    op.create_table(
        "indicator_tag",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "object", name=op.f("pk_indicator_tag")),
        sqlite_with_rowid=False,
    )
    op.add_column("indicator_source", sa.Column("confidence", sa.Integer(), nullable=True))
    op.add_column("indicator_source", sa.Column("ttl", sa.BigInteger(), nullable=True))
    asking = sa.text("state = 'asking'")
    op.create_index(
        "ix_inbox_asking", "inbox", ["seq"], sqlite_where=asking, postgresql_where=asking
    )
    _bring_in(op.get_bind())


def _bring_in(connection: sa.Connection) -> None:
    """The labels of what is stored already."""
    after = 0
    while rows := connection.execute(_BEARING, {"after": after, "page": _PAGE}).all():
        after = rows[-1][0]
        tags = [
            {"key": _key(label), "object": number}
            for number, labels in rows
            for label in json.loads(labels)
        ]
        connection.execute(_TAG, tags)


def _key(label: str) -> int:
    content = label.casefold().encode(errors="surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)
