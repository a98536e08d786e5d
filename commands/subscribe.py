"""`subscribe`: tells somebody alone, or a team in its own room, of advisories as they come."""

from __future__ import annotations

from typing import Annotated

from bot.advisories import subscribing
from bot.advisories.subscribing import FEEDS, KINDS, MOST, Place, Wanted
from bot.errors import UserError
from bot.sharing.roles import Role
from bot.sharing.teams import TeamKey
from bot.store.tables.sources import Subscription
from bot.times.working import Severity
from commands.drafting import SEVERITIES, a_severity
from commands.labels import names
from commands.registry import Arg, Context, Flag, Reply, command, reply, shortened

_ALL, _LIST, _END = "all", "list", "end"
_PLURAL = {"advisories": "advisory", "alerts": "alert", "bulletins": "bulletin", "feed": FEEDS}
Names = Annotated[tuple[str, ...] | None, Flag("any of these", names, shown="NAMES")]


@command("subscribe", placed=True, writes=True, secret=True)
def subscribe(
    context: Context,
    kinds: Annotated[
        tuple[str, ...], Arg("all, advisory, alert …, feeds; “end N”; nothing: what you have")
    ] = (),
    *,
    severity: Annotated[
        Severity | None, Flag("this grave, or graver", a_severity, choices=SEVERITIES)
    ] = None,
    vendor: Names = None,
    product: Names = None,
    sector: Names = None,
    ransomware: Annotated[bool, Flag("only what ransomware is known to use")] = False,
    team: Annotated[bool, Flag("for your whole team, in its own room")] = False,
) -> Reply:
    """Hear of advisories as they come: alone, or as a team in its own room."""
    if kinds[:1] == (_END,):
        return _ended(context, kinds[1:])
    least = severity or Severity.LOW
    wanted = Wanted(_read(kinds), least, vendor or (), product or (), sector or (), ransomware)
    if kinds in {(), (_LIST,)} and wanted == Wanted() and not team:
        return _listed(context)
    key = _team_for(context) if team else _own(context)
    if context.room is None:
        raise UserError("Say it where I can answer you.")
    person = context.asker.person
    if len(subscribing.of_person(context.session, person, None)) >= MOST:
        raise UserError("You have {n} subscriptions already: end some.", n=MOST)
    place = Place(context.room, context.direct)
    row = subscribing.begin(
        context.session, person, key, wanted, place, context.now, whole_team=team
    )
    words = context.words
    first = words("Subscribed: {what}", what=_shown(context, row))
    told = words("Your team hears of it in its own room.") if team else words(
        "You hear of it alone, as far as your team may read it."
    )  # fmt: skip
    return reply("\n".join([first, told, words("“subscribe end {n}” ends this.", n=row.id)]))


def _ended(context: Context, numbers: tuple[str, ...]) -> Reply:
    """Hear of it no more."""
    typed = " ".join(numbers).strip("“”#. ")
    row = next((each for each in _all(context) if str(each.id) == typed), None)
    if row is None:
        raise UserError("You have no such subscription. “subscribe” shows them.")
    if row.whole_team and row.person != context.asker.person:
        _team_for(context)
    said = _shown(context, row)
    subscribing.end(context.session, row)
    return reply(context.words("Ended: {what}", what=said))


def _all(context: Context) -> list[Subscription]:
    team = context.part().team
    key = None if team is None else team.key
    return [*subscribing.of_person(context.session, context.asker.person, key)]


def _listed(context: Context) -> Reply:
    words, rows = context.words, _all(context)
    if not rows:
        return reply(
            words("You are subscribed to nothing. “subscribe all --severity high” begins.")
        )
    first = words.count("{n} subscription:", "{n} subscriptions:", len(rows))
    return reply("\n".join([first, *(f"{row.id}. {_shown(context, row)}" for row in rows)]))


def _read(typed: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for each in typed:
        word = each.casefold().replace("_", "-")
        if word in {_ALL, _LIST}:
            return ()
        word = _PLURAL.get(word, word)
        if word not in KINDS:
            raise UserError(
                "“{word}” is none of: {kinds}.", word=shortened(each, 24),
                kinds=", ".join((_ALL, *KINDS)),
            )  # fmt: skip
        found.append(word)
    return tuple(dict.fromkeys(found))


def _own(context: Context) -> TeamKey | None:
    team = context.part().team
    if team is None and context.house.directory().teams:
        raise UserError("You belong to none of the teams here.")
    return None if team is None else team.key


def _team_for(context: Context) -> TeamKey:
    """The asker's team, for which they may speak. Raises UserError."""
    part = context.part()
    if part.team is None or not {Role.DELEGATE, Role.ADMIN} & set(part.roles):
        raise UserError("That is for those who speak for a team or administer it.")
    if part.team.home is None:
        raise UserError("Your team has no room of its own: the settings name one (home).")
    return part.team.key


def _shown(context: Context, row: Subscription) -> str:
    wanted, words = subscribing.wanted_of(row), context.words
    parts = [", ".join(wanted.kinds) or words("all advisories and feeds")]
    if wanted.severity is not Severity.LOW:
        parts.append(words("{severity} or graver", severity=wanted.severity))
    for name, some in (
        ("vendor", wanted.vendors), ("product", wanted.products), ("sector", wanted.sectors),
    ):  # fmt: skip
        if some:
            parts.append(f"{name}: {', '.join(some)}")
    if wanted.ransomware:
        parts.append(words("used by ransomware"))
    if row.whole_team:
        parts.append(words("for the whole team"))
    return shortened(" · ".join(parts), 200)
