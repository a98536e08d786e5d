"""What a message merely speaks of, beside the label that it bears; and what it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("message", sa.Column("spoken", sa.Text(), nullable=True))
    # So far the default of the time was weighed in: such a message keeps that marking, and its
    # author may mark it down as far as before.
    op.execute("UPDATE message SET spoken = label, label = floor, floor = NULL "
               "WHERE floor IS NOT NULL")  # fmt: skip
    op.add_column(
        "message",
        sa.Column("quoting", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "quotation",
        sa.Column("message", number, nullable=False),
        sa.Column("quoted", number, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["message.id"], name=op.f(f"fk_quotation_{name}"), ondelete=gone
            )
            for name, gone in (("message", "CASCADE"), ("quoted", None))
        ),
        sa.PrimaryKeyConstraint("message", "quoted", name=op.f("pk_quotation")),
    )
    op.create_index("ix_quotation_quoted", "quotation", ["quoted"])
