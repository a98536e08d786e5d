"""`rule`: who presides rules, on record: that a voice counts, or that it is void, or anything."""

from __future__ import annotations

import re
from typing import Annotated

from bot.decisions import voicing
from bot.decisions.voices import Ruling
from bot.errors import Misused, UserError
from bot.events import Outgoing
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision, Voice
from commands.deciding import decision_meant, presides, split_ref
from commands.grammar import first_word
from commands.registry import Context, Reply, Rest, asks_first, command, reply

_VOID = re.compile(
    r"\b(?:void|not count|invalid|dismiss(?:ed)?|reject(?:ed)?|overruled|nulle?)\b", re.IGNORECASE
)
_COUNTS = re.compile(r"\b(?:counts?|stands?|valid|upheld|accepted|compte)\b", re.IGNORECASE)


@command("rule", placed=True, writes=True)
def rule(
    context: Context,
    ruling: Annotated[
        str,
        Rest(
            "a number or handle; of which team's word, if several wait; counts or void; why",
            shown="REF [TEAM] counts|void WHY",
        ),
    ],
) -> Reply:
    """Rule on a proposal, for the team that presides."""
    ref, text = split_ref(context, ruling)
    row = decision_meant(context, ref)
    if not presides(context, row):
        raise UserError("Only a delegate of the team that presides rules.")
    if not text:
        raise Misused("Say how you rule, and why.")
    waiting = voicing.to_rule_on(context.session, row)
    if not waiting:
        outgoing = voicing.rule_at_large(
            context.session, context.house, row, text, context.asker.person, context.now
        )
        return _done(context, outgoing)
    voice, text = _voice(context, waiting, text)
    word, why = first_word(text)
    exact = {"counts": Ruling.COUNTS, "void": Ruling.VOID}.get(word.strip(":,.").lower())
    meant = exact or _meant(text)
    if meant is None:
        raise UserError(
            "Say “rule {ref} counts WHY” or “rule {ref} void WHY”: the word of {team} waits.",
            ref=row.ref, team=context.house.directory().called(voice.team),
        )  # fmt: skip
    if exact is None:
        asked = _asks(context, row, voice, meant)
        if asked is not None:
            return asked
    return _done(
        context,
        voicing.rule(
            context.session, context.house, row, voice, meant, why if exact else text,
            context.asker.person, context.now,
        ),
    )  # fmt: skip


def _voice(context: Context, waiting: list[Voice], text: str) -> tuple[Voice, str]:
    """Which voice is meant, by its team where the words of several wait; and the rest."""
    by_team = {TeamKey(each.team): each for each in waiting}
    for team, voice in by_team.items():
        for name in (context.house.directory().called(team), team):
            if text.casefold().startswith(f"{name.casefold()} "):
                return voice, text[len(name) :].strip()
    if len(by_team) == 1:
        return waiting[0], text
    names = ", ".join(sorted(by_team))
    raise UserError("Several wait: begin with whose word it is: {teams}.", teams=names)


def _meant(text: str) -> Ruling | None:
    if _VOID.search(text):
        return Ruling.VOID
    return Ruling.COUNTS if _COUNTS.search(text) else None


def _asks(context: Context, row: Decision, voice: Voice, meant: Ruling) -> Reply | None:
    team = context.house.directory().called(voice.team)
    if meant is Ruling.VOID:
        question = context.words("Rule that what {team} said is void ({ref})?", team=team,
                                 ref=row.ref)  # fmt: skip
    else:
        question = context.words("Rule that what {team} said counts ({ref})?", team=team,
                                 ref=row.ref)  # fmt: skip
    return asks_first(context, question)


def _done(context: Context, outgoing: list[Outgoing]) -> Reply:
    return Reply(reply(context.words("Ruled. It is on record.")).body, also=tuple(outgoing))
