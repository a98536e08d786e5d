"""`[feeds.*]`, `[publish.*]` and `[enrichers.*]` as those want them who read, serve and ask."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from bot.feeds.fetching import Way
from bot.feeds.origin import Secrets
from bot.indicators.enriching import Enricher
from bot.indicators.feeds.source import DEFAULT, Form, Source
from bot.indicators.observable import Kind
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.web.taxii import Account
from config.feeds import Columns, Feed
from config.settings import Settings

FORMS = frozenset({"stix", "taxii", "misp", "csv", "text"})
"""What brings indicators; the others bring advisories."""


def sources_of(settings: Settings) -> dict[str, Source]:
    """The feeds of indicators, in the file's order."""
    return {
        name: _source(name, feed) for name, feed in settings.feeds.items() if feed.type in FORMS
    }


def way_of(settings: Settings, folder: Path | None = None) -> Way:
    """How feeds are reached; `folder`: where what they send is spooled."""
    network = settings.network
    return Way(
        proxy=None if network.proxy is None else network.proxy.get_secret_value(),
        no_proxy=network.no_proxy,
        ca_file=network.ca_file,
        folder=folder,
        idle=network.timeout.total_seconds(),
    )


def accounts_of(settings: Settings) -> dict[str, Account]:
    """Whose platforms may read here."""
    return {
        name: Account(TeamKey(each.team), each.token) for name, each in settings.publish.items()
    }


def enrichers_of(settings: Settings) -> dict[str, Enricher]:
    """The third parties that may be asked, in the file's order."""
    return {
        name: Enricher(
            name, each.url, each.ceiling, Secrets(each.token, each.username or "", each.password),
            each.ca_file, each.internal,
        )
        for name, each in settings.enrichers.items()
    }  # fmt: skip


def _source(name: str, feed: Feed) -> Source:
    label = DEFAULT.label if feed.marking is None else feed.marking
    lists = () if feed.group is None else (frozenset({feed.group.casefold()}),)
    return Source(
        name,
        cast("Form", feed.type),
        url=feed.url or "",
        path=feed.path,
        every=feed.every,
        marking=Marking(label, lists),
        originator=feed.originator,
        confidence=feed.confidence,
        ttl=feed.ttl,
        secrets=Secrets(
            feed.token,
            feed.username or "",
            feed.password,
            None if feed.client_cert is None else str(feed.client_cert),
            None if feed.client_key is None else str(feed.client_key),
        ),
        ca_file=feed.ca_file,
        collection=feed.collection or "",
        internal=feed.internal,
        columns=_columns(feed.columns),
        kind=None if feed.kind is None else Kind(feed.kind),
        delimiter=feed.delimiter or ",",
        comment="#" if feed.comment is None else feed.comment,
        owner=feed.owner,
    )


def _columns(columns: Columns | None) -> dict[str, str | int]:
    found = {} if columns is None else columns.model_dump()
    return {what: where for what, where in found.items() if where is not None}
