"""`[feeds.*]`, `[publish.*]` and `[enrichers.*]` as those want them who read, serve and ask."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from bot.advisories.house import House
from bot.advisories.publishing.edition import Publisher
from bot.advisories.sources.feed import Feed as AdvisoryFeed
from bot.advisories.sources.feed import Form as AdvisoryForm
from bot.advisories.sources.feed import Sending
from bot.advisories.sources.filters import Filter, lines_of
from bot.advisories.sources.room import Newsroom
from bot.events import PersonId
from bot.feeds.fetching import Way
from bot.feeds.origin import DEFAULT, Secrets
from bot.indicators.enriching import Enricher
from bot.indicators.feeds.source import Form, Source
from bot.indicators.observable import Kind
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.times.working import Severity
from bot.web.accounts import Account
from config.feeds import Columns, Feed, Post
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


def advisory_feeds_of(settings: Settings) -> dict[str, AdvisoryFeed]:
    """The feeds of advisories, in the file's order."""
    return {
        name: _advisory_feed(name, feed)
        for name, feed in settings.feeds.items()
        if feed.type not in FORMS
    }


def newsroom_of(settings: Settings, house: House) -> Newsroom:
    """What telling of these feeds works with."""
    feeds = advisory_feeds_of(settings)
    products = {
        TeamKey(key): lines_of(team.products.get_secret_value())
        for key, team in settings.teams.items()
        if team.products is not None
    }
    owners = {name: owner_of(settings, feed) for name, feed in feeds.items()}
    known = {name: team for name, team in owners.items() if team is not None}
    return Newsroom(house, feeds, products, known)


def publisher_of(settings: Settings) -> Publisher:
    """Who publishes advisories, and the address that others reach us by."""
    web = settings.web
    address = web.public_url or (
        f"http://{web.listen}" if web.listen else "https://liaison.invalid"
    )
    return Publisher(settings.liaison.name, address.rstrip("/"))


def owner_of(settings: Settings, feed: AdvisoryFeed) -> TeamKey | None:
    """Whose the drafts of a feed are: its originator's, else of the team of its owner, else of the
    chair of a channel.
    """
    if feed.originator is not None:
        return TeamKey(feed.originator)
    if feed.owner is not None:
        directory = settings.directory
        team = directory.owner_of(directory.member_of(PersonId(feed.owner)))
        if team is not None:
            return team.key
    for channel in feed.sending.channels:
        chair = settings.channels[channel].chair
        if chair is not None:
            return TeamKey(chair)
    return None


def _advisory_feed(name: str, feed: Feed) -> AdvisoryFeed:
    return AdvisoryFeed(
        name,
        cast("AdvisoryForm", feed.type),
        url=feed.url or "",
        path=feed.path,
        every=feed.every,
        marking=_marking(feed),
        group=feed.group,
        originator=feed.originator,
        secrets=_secrets(feed),
        ca_file=feed.ca_file,
        internal=feed.internal,
        owner=feed.owner,
        sending=_sending(feed.post),
    )


def _sending(post: Post | None) -> Sending:
    if post is None:
        return Sending()
    only = Filter(Severity(post.severity), post.vendor, post.product, post.sector, post.ransomware)
    return Sending(post.channels, post.as_ == "draft", only, post.flood)


def _marking(feed: Feed) -> Marking:
    """Of what bears none: the label that is configured, for the group that is."""
    label = DEFAULT.label if feed.marking is None else feed.marking
    lists = () if feed.group is None else (frozenset({feed.group.casefold()}),)
    return Marking(label, lists)


def _secrets(feed: Feed) -> Secrets:
    return Secrets(
        feed.token,
        feed.username or "",
        feed.password,
        None if feed.client_cert is None else str(feed.client_cert),
        None if feed.client_key is None else str(feed.client_key),
    )


def _source(name: str, feed: Feed) -> Source:
    return Source(
        name,
        cast("Form", feed.type),
        url=feed.url or "",
        path=feed.path,
        every=feed.every,
        marking=_marking(feed),
        originator=feed.originator,
        confidence=feed.confidence,
        ttl=feed.ttl,
        secrets=_secrets(feed),
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
