"""What `liaison check` says of what comes in and goes out: whether what a feed of advisories brings
can go anywhere, and whether what is to be published is served.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.advisories.sources.feed import Feed
from bot.custody.numbering import SeriesList
from bot.platforms.base import Finding
from bot.wiring.feeds import advisory_feeds_of, owner_of
from config.settings import Settings


def survey_feeds(settings: Settings) -> Iterator[Finding]:
    """A finding for each feed, for each team whose list of products nobody hears of, and for each
    account of what is published.
    """
    for feed in advisory_feeds_of(settings).values():
        mends = list(_mends(settings, feed))
        where = ", ".join(feed.sending.channels) or "who subscribes, and what teams run"
        yield Finding(f"feed {feed.name}: for {where}", ok=not mends, mend="; ".join(mends))
    for key, team in settings.teams.items():
        if team.products is not None:
            mend = f"teams.{key}: name its home, where it is told what is about its products"
            yield Finding(f"products of {key}", ok=team.home is not None, mend=mend)
    for name in settings.publish:
        mend = "nothing is served: set web.listen, as 127.0.0.1:9090"
        yield Finding(f"publish.{name}: served", ok=settings.web.listen is not None, mend=mend)


def _mends(settings: Settings, feed: Feed) -> Iterator[str]:
    name = f"feeds.{feed.name}"
    for channel in feed.sending.channels:
        rules = settings.channels[channel]
        if feed.marking.label > rules.ceiling:
            yield (
                f"{name}: what bears no label is {feed.marking.label}, and {channel} holds up to "
                f"{rules.ceiling}: write marking, as TLP:CLEAR for what is public"
            )
        if feed.sending.as_draft and not _has_series(settings, feed, channel):
            yield f"{name}: no series of {channel} is for {feed.group}: write a [series.NAME]"
    drafts = feed.sending.channels and feed.sending.as_draft
    if drafts and settings.teams and owner_of(settings, feed) is None:
        yield (
            f"{name}: its drafts are nobody's but the operators': name originator, an owner of a "
            "team, or a chair of the channel"
        )


def _has_series(settings: Settings, feed: Feed, channel: str) -> bool:
    return SeriesList(settings.series).of(channel, feed.group) is not None
