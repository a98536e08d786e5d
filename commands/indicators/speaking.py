"""What is meant by a value, an id of STIX or a handle: what a source says, or a team reports."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.errors import UserError
from bot.events import Outgoing
from bot.indicators import handles, observables, reported
from bot.indicators import releasing as indicators
from bot.indicators.observable import Observable
from bot.indicators.offered import own
from bot.indicators.releasing import Spoken
from bot.indicators.reported import Report, Way
from bot.platforms.registry import networks
from bot.sharing.marking import Marking
from commands.indicators.asking import sight_of
from commands.indicators.hearing import heard
from commands.registry import Context

_STIX = re.compile(r"[a-z0-9-]+--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FEW = 8


def said_meant(context: Context, ref: str, *, of_others: bool) -> Spoken | Report | None:
    """What a REF names of what is said of values, as far as the asker may see it; None where its
    form is another. `of_others`: rather what came from others. Raises UserError where there is
    none, or where there are several.
    """
    found = _indicators(context, ref)
    if found is None:
        return None
    return _one_of(context, found, _reports(context, ref), of_others=of_others)


def watching(context: Context, report: Report, marking: Marking) -> Sequence[Outgoing]:
    """What those hear who watch the value, and may see by the release what was reported of it."""
    team = report.marked.originator
    if report.value is None or team is None:
        return ()
    words, who = context.words, context.house.directory().called(team)
    if report.way is Way.HARMLESS:
        news = words("a false positive, says {who}", who=who)
    else:
        news = words.count("seen once by {who}", "seen {n} times by {who}", report.times, who=who)
    before = (report.marked.marking, report.said)
    return heard(context, report.value, news, marking, team, before)


def _indicators(context: Context, ref: str) -> Sequence[Spoken] | None:
    """Those that a REF names, as far as the asker may see them; None where its form is another."""
    session, sight = context.session, sight_of(context)
    secret = context.house.custody().key
    if handles.IS_HANDLE(ref.casefold()):
        return indicators.by_handle(session, sight, secret, ref.casefold())
    if _STIX.fullmatch(ref):
        return indicators.by_ref(session, sight, secret, ref.lower())
    value = _value(ref)
    return None if value is None else indicators.by_value(session, sight, secret, value)


def _reports(context: Context, ref: str) -> Sequence[Report]:
    """What is reported of a value, or has this handle, as far as the asker may see it."""
    session, sight = context.session, sight_of(context)
    secret = context.house.custody().key
    if handles.IS_HANDLE(ref.casefold()):
        return reported.by_handle(session, sight, secret, ref.casefold())
    value = None if _STIX.fullmatch(ref) else _value(ref)
    return () if value is None else reported.by_value(session, sight, secret, value)


def _value(ref: str) -> Observable | None:
    if any(network.read_link(ref) is not None for network in networks().values()):
        return None
    try:
        return observables.read(ref)
    except UserError:
        return None


def _one_of(
    context: Context, found: Sequence[Spoken], reports: Sequence[Report], *, of_others: bool
) -> Spoken | Report:
    """The asker's own, where they say anything of it, and what is said before what is reported;
    raises UserError where that are several.
    """
    team = context.part().team
    key = None if team is None else team.key
    said, ours = own(found, key), own(reports, key)
    others = [each for each in reports if each not in ours]
    ways: tuple[Sequence[Spoken | Report], ...] = (said, ours, found, others)
    if of_others:
        ways = (said, found, others, ours)
    several = next((each for each in ways if each), ())
    if not several:
        raise UserError("I know of no such indicator.")
    if len(several) > 1:
        listed = ", ".join(
            f"{each.handle} ({each.told_by}, {each.marked.marking})" for each in several[:_FEW]
        )
        raise UserError("Several speak of it. Say which: {listed}", listed=listed)
    return several[0]
