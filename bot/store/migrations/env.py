"""How Alembic reaches the store: by the connection that `bot.store.schema` hands it."""

from alembic import context

from bot.store import (  # noqa: F401  their tables are among them
    advisory_tables,
    decision_tables,
    indicator_tables,
    recognition_tables,
    recovery_tables,
    search_tables,
    source_tables,
    witness_tables,
)
from bot.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
