"""Which schema a store has, and bringing it to today's."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from bot.errors import StoreError, StoreNewer
from bot.store.failures import named_errors

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD = "0026"
"""The newest revision in `migrations/versions`; a test holds it to the folder."""


def revision(engine: Engine) -> str | None:
    """The revision that the store has, None for an empty one."""
    with named_errors():
        return _found(engine)


def _found(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(engine: Engine) -> str | None:
    """Bring the store to today's schema; returns where the copy made before lies, if one was.

    Raises StoreNewer for a store of a later version. Alembic is loaded only when there is
    something to do: it is a tenth of our memory.
    """
    with named_errors():
        return _upgrade(engine)


def check_known(found: str) -> None:
    """Raise StoreNewer for the schema of a later version."""
    from alembic.config import Config  # noqa: PLC0415  see `upgrade`
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.set_main_option("path_separator", "os")
    _check_known(found, ScriptDirectory.from_config(config))


def _check_known(found: str, scripts: ScriptDirectory) -> None:
    if found not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreNewer(
            f"the store has schema {found}, newer than this Liaison knows: "
            "install the version that wrote it, or restore an older copy"
        )


def _upgrade(engine: Engine) -> str | None:
    found = _found(engine)
    if found == HEAD:
        return None
    from alembic import command  # noqa: PLC0415  see above
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.set_main_option("path_separator", "os")
    if found is not None:
        _check_known(found, ScriptDirectory.from_config(config))
    copy = _copy(engine, found) if found is not None else None
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return copy


def _copy(engine: Engine, found: str) -> str | None:
    """A copy of an SQLite store beside it, before its schema changes."""
    if engine.dialect.name != "sqlite":
        return None
    source = Path(str(engine.url.database))
    target = source.with_name(f"{source.name}.before-{HEAD}-from-{found}")
    if shutil.disk_usage(source.parent).free < source.stat().st_size * 2:
        raise StoreError(f"no room for a copy of the store before its upgrade in {source.parent}")
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()
    return str(target)
