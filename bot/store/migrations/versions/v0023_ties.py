"""What hangs on an object, by how it does: much is said of malware, and little of it looked at."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_index("ix_indicator_link_kind", "indicator_link", ["target", "kind"])
