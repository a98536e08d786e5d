"""What a network keeps between runs, on the store: `bot.platforms.base.Memory`."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.events import AccountId
from bot.store.patience import Units
from bot.store.tables import Mark, Memory


class StoredMemory:
    """One account's memory."""

    def __init__(self, database: Units, account: AccountId) -> None:
        self._database = database
        self._account = account

    async def mark(self, scope: str) -> str | None:
        """The committed position of a scope."""
        return await self._database.read(
            lambda session: session.execute(
                select(Mark.position).where(Mark.scope == scope)
            ).scalar()
        )

    async def set_mark(self, scope: str, position: str) -> None:
        """Start a scope, unless it has a position already."""

        def work(session: Session) -> None:
            if session.get(Mark, scope) is None:
                session.add(Mark(scope=scope, position=position))

        await self._database.run(work)

    async def recall(self, key: str) -> str | None:
        """What is kept under a key."""
        where = (Memory.account == self._account, Memory.key == key)
        return await self._database.read(
            lambda session: session.execute(select(Memory.value).where(*where)).scalar()
        )

    async def keep(self, key: str, value: str) -> None:
        """Keep a value; committed when this returns."""

        def work(session: Session) -> None:
            session.merge(Memory(account=self._account, key=key, value=value))

        await self._database.run(work)

    async def forget(self, key: str) -> None:
        """Keep nothing under a key; committed when this returns."""
        where = (Memory.account == self._account, Memory.key == key)

        def work(session: Session) -> None:
            session.execute(delete(Memory).where(*where))

        await self._database.run(work)
