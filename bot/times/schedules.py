"""Reading when something happens again and again: in plain words or as a crontab, in a zone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from bot.errors import UserError
from bot.times.crontab import MOST_AN_HOUR, looks_like_crontab, read_crontab
from bot.times.plain import SHORTEST, read_plain
from bot.times.recurring import Days, Recurring, Rule, upcoming
from bot.times.wall import shown
from bot.times.zones import find_zone, is_abbreviation, read_zone

_NAME = re.compile(r"[A-Za-z]+/[A-Za-z_/]+")


def read_schedule(
    typed: str,
    zone: tzinfo,
    since: datetime,
    *,
    most: int = MOST_AN_HOUR,
    shortest: timedelta = SHORTEST,
) -> Recurring:
    """What somebody means who types this at `since`; `zone` is theirs, where the text names none.

    The same text, zone and moment give the same rule. Raises UserError with what was expected.
    """
    text, zone = _without_zone(typed.strip(), zone)
    first = shown(since, zone).date()
    if looks_like_crontab(text):
        rule: Rule = read_crontab(text, most)
    else:
        rule = read_plain(text, first, shortest)
    recurring = Recurring(_begun(rule, zone, since), zone)
    if next(upcoming(recurring, since), None) is None:
        raise UserError("That never happens: there is no such day.")
    return recurring


def _begun(rule: Rule, zone: tzinfo, since: datetime) -> Rule:
    """What happens every so many weeks begins with the first that is to come."""
    if not isinstance(rule, Days) or rule.every == 1:
        return rule
    first = next(upcoming(Recurring(replace(rule, every=1), zone), since), None)
    return rule if first is None else replace(rule, since=shown(first, zone).date())


def _without_zone(text: str, zone: tzinfo) -> tuple[str, tzinfo]:
    before, _, last = text.rpartition(" ")
    if not before or not any(each.isalpha() for each in last):
        return text, zone
    found = find_zone(last)
    if found is None and (is_abbreviation(last) or _NAME.fullmatch(last)):
        found = read_zone(last)
    return (text, zone) if found is None else (before.rstrip(), found)
