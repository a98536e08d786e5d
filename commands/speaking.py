"""A delegate says something for their team: what `voice`, `vote` and `approve` share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import select

from bot.custody import numbering, telling
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.decisions import proposals, voicing
from bot.decisions.proposals import SILENCE, State
from bot.decisions.reminding import tell_chair, unconfirmed
from bot.decisions.showing import stance_words, state_words
from bot.decisions.voices import BREAKING, Stance
from bot.decisions.voicing import Refused, Speaker, Spoken
from bot.errors import UserError
from bot.events import Answer, Outgoing, PersonId, Standing
from bot.richtext import RichText, say
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision, Voice
from bot.words import message
from commands.deciding import may_know, presides, speaker_of
from commands.registry import Context, Reply, asks_first, reply

_MOST = 4000
"""Characters of what somebody says to it."""
_REFUSED: Mapping[Refused, str] = MappingProxyType(
    {
        Refused.NO_TEAM: message("It does not count: you are of no team that I know."),
        Refused.NOT_ON_ROSTER: message("It does not count: your team has no voice in this."),
        Refused.OBSERVER: message("It does not count: your team observes, and has no voice."),
        Refused.NO_DELEGATE: message("It does not count: only your team's delegates speak for it."),
        Refused.FROZEN: message("It does not count: your team is frozen."),
        Refused.LATE: message("It came too late: it is on record, and does not count."),
        Refused.DISPUTED: message("It had ended when I read this. The chair rules on it."),
    }
)


def speak(
    context: Context, row: Decision, stance: Stance, text: str, for_team: str | None = None
) -> Reply:
    """Say it, in two steps where it would break silence; what does not count is answered."""
    if len(text) > _MOST:
        raise UserError("That is too long. Put it into a file, and say in brief what it is about.")
    speaker = speaker_of(context) if for_team is None else _entering(context, row, for_team)
    refused = _frozen(context, speaker) or voicing.right_to_speak(row, speaker)
    if refused is not None:
        if speaker.team is None and context.asker.standing is Standing.UNKNOWN:
            raise UserError(
                "Your network has not told me yet what you are there; try again in a minute."
            )
        return _refuse(context, row, stance, speaker, refused)
    entered = _entered(context, row, speaker, stance)
    if entered is not None:
        return _affirm(context, row, entered)
    asked, confirmed = _asked(context, row, speaker, stance)
    before = _overruled(context, row, speaker)
    said = min(context.said or context.now, context.now)
    spoken = voicing.speak(
        context.session, context.house, row, speaker, stance, text, said, context.now,
        confirmed=confirmed,
    )  # fmt: skip
    outcome = Outcome.OK if spoken.refused is None else Outcome.REFUSED
    _record(context, row, spoken.refused or "", outcome)
    if spoken.refused is not None:
        return _late(context, row, stance, speaker, spoken.refused)
    if spoken.asks and asked is not None:
        return asked
    answer = _answer(context, row, speaker, stance, spoken)
    return answer if before is None else _with_word(context, row, before, answer)


def _overruled(context: Context, row: Decision, speaker: Speaker) -> Voice | None:
    """The word of another delegate of the same team that stands in a vote until now."""
    if row.method == SILENCE or row.state != State.OPEN:
        return None
    mine = (Voice.ref == row.ref, Voice.team == speaker.team, Voice.counted.is_(True))
    newest = select(Voice).where(*mine).order_by(Voice.id.desc()).limit(1)
    found = context.session.execute(newest).scalar_one_or_none()
    own = {speaker.person, *context.house.linked(context.session, speaker.person)}
    return None if found is None or found.person in own else found


def _with_word(context: Context, row: Decision, before: Voice, answer: Reply) -> Reply:
    """In a vote the later word of a team stands: both who speak for it are told."""
    words, directory = context.words, context.house.directory()
    person = PersonId(before.person)
    text = words(
        "{who} has voted for your team on {ref}, after you: the later word stands.",
        who=context.asker.name, ref=_name(context, row),
    )  # fmt: skip
    team = directory.teams.get(TeamKey(before.team))
    found = () if team is None else telling.contacts(
        context.session, directory, team, [directory.member_of(person)]
    )  # fmt: skip
    told = [Outgoing(room, Answer(each, say(text), team=before.team)) for each, room in found]
    line = say(words("It stands in place of what another delegate of yours said before."))
    body = RichText((*answer.body.blocks, *line.blocks))
    return replace(answer, body=body, also=(*answer.also, *told))


def unknown_objected(context: Context, ref: str | None, word: str) -> Reply | None:
    """Who objects to what is open and does not exist for them is answered as if it were not there;
    it is written down, and the chair hears of it. None for everything else.
    """
    row = None if ref is None else proposals.find(context.session, ref)
    if row is None or row.state != State.OPEN or word.lower() not in BREAKING:
        return None
    speaker = speaker_of(context)
    refused = None if may_know(context, row) else voicing.right_to_speak(row, speaker)
    if refused is None:
        return None
    told = _refuse(context, row, Stance(word.lower()), speaker, refused).also
    return Reply(reply(context.words("I know of no such decision.")).body, also=told)


def _asked(
    context: Context, row: Decision, speaker: Speaker, stance: Stance
) -> tuple[Reply | None, bool]:
    """The question that the second step answers, and whether it was answered."""
    if row.state != State.OPEN or row.method != SILENCE or stance not in BREAKING:
        return None, True
    words = context.words
    question = words("Break the silence on {ref}, for {team}?", ref=_name(context, row),
                     team=context.house.directory().called(speaker.team))  # fmt: skip
    more = words(
        "It ends at once and for good: no later word can mend it, and a new proposal may follow. "
        "Until you confirm it your word is on record and keeps the procedure open."
    )
    asked = asks_first(context, f"{question}\n{more}")
    return asked, asked is None


def _answer(
    context: Context, row: Decision, speaker: Speaker, stance: Stance, spoken: Spoken
) -> Reply:
    words, team = context.words, context.house.directory().called(speaker.team)
    does = stance_words(stance, words)
    lines = [words("On record: {team} {does} ({ref}).", team=team, does=does, ref=row.ref)]
    if row.state != State.OPEN:
        state = state_words(State(row.state), words)
        lines = [words("{ref} is {state}.", ref=_name(context, row), state=state), *lines]
    if stance not in BREAKING and _has_objected(context, row, speaker):
        lines.append(words("Your objection to it is on record, and not confirmed: after the end "
                           "the chair rules on it."))  # fmt: skip
    asked: list[Outgoing] = []
    if speaker.entering and speaker.team is not None:
        lines.append(words("{team} is asked to confirm that it said so.", team=team))
        asked = _ask_team(context, row, speaker.team, stance)
    return Reply(reply("\n".join(lines)).body, also=(*spoken.outgoing, *asked))


def _has_objected(context: Context, row: Decision, speaker: Speaker) -> bool:
    """Whether an objection of theirs still waits for its second step: a later word mends none."""
    if row.state != State.OPEN:
        return False
    waiting = unconfirmed(row, proposals.voices_of(context.session, row))
    return any(each.team == speaker.team for each in waiting)


def _ask_team(context: Context, row: Decision, key: TeamKey, stance: Stance) -> list[Outgoing]:
    team = context.house.directory().teams.get(key)
    if team is None:
        return []
    words = context.house.words_in(team.home)
    text = words(
        "The chair entered for your team, as it was told elsewhere: {team} {does} ({ref}).\n"
        "If that is so, a delegate of yours types: voice {ref} {stance}",
        team=team.name, does=stance_words(stance, words), ref=_name(context, row),
        stance=str(stance),
    )  # fmt: skip
    return telling.tell(context.session, context.house.directory(), team, text)


def _entering(context: Context, row: Decision, for_team: str) -> Speaker:
    """The chair, who enters what a team said elsewhere. Raises UserError."""
    if not presides(context, row):
        raise UserError("Only who presides enters what another team has said elsewhere.")
    wanted, teams = for_team.casefold(), context.house.directory().teams
    for key in proposals.delegates_of(row):
        name = teams[key].name.casefold() if key in teams else ""
        if wanted in {key.casefold(), name}:
            own = speaker_of(context)
            return Speaker(own.person, own.members, key, entering=key != own.team)
    raise UserError("No team “{team}” has a voice in this.", team=for_team[:40])


def _entered(context: Context, row: Decision, speaker: Speaker, stance: Stance) -> Voice | None:
    """What the chair entered for the speaker's team, and it says now itself."""
    if speaker.entering:
        return None
    where = (
        Voice.ref == row.ref, Voice.team == speaker.team, Voice.stance == stance,
        Voice.entered.is_(True), Voice.affirmed.is_(None), Voice.counted.is_(True),
    )  # fmt: skip
    found = select(Voice).where(*where).order_by(Voice.id.desc()).limit(1)
    return context.session.execute(found).scalar_one_or_none()


def _affirm(context: Context, row: Decision, voice: Voice) -> Reply:
    outgoing = voicing.affirm(
        context.session, context.house, row, voice, context.asker.person, context.now
    )
    _record(context, row, "affirmed", Outcome.OK)
    answer = reply(context.words("On record: your team confirms that it said so."))
    return Reply(answer.body, also=tuple(outgoing))


def _frozen(context: Context, speaker: Speaker) -> Refused | None:
    """While a team is frozen none of its voices counts, whoever enters it."""
    return Refused.FROZEN if context.house.is_silenced(speaker.team) else None


def _refuse(
    context: Context, row: Decision, stance: Stance, speaker: Speaker, refused: Refused
) -> Reply:
    """Who has no voice is answered; it is written down, and of an objection the chair hears."""
    council = (
        context.house.council(row.channel) if row.channel in context.house.channels() else None
    )
    if refused is Refused.NOT_ON_ROSTER and council and speaker.team in council.observers:
        refused = Refused.OBSERVER
    _record(context, row, refused, Outcome.REFUSED)
    told = _tell_chair(context, row, stance, speaker, refused) if stance in BREAKING else ()
    return Reply(reply(context.words(_REFUSED[refused])).body, also=tuple(told))


def _late(
    context: Context, row: Decision, stance: Stance, speaker: Speaker, refused: Refused
) -> Reply:
    told = _tell_chair(context, row, stance, speaker, refused) if stance in BREAKING else ()
    return Reply(reply(context.words(_REFUSED[refused])).body, also=tuple(told))


def _tell_chair(
    context: Context, row: Decision, stance: Stance, speaker: Speaker, refused: Refused
) -> Iterator[Outgoing]:
    words = context.house.words_in()
    team = (
        words("of no team")
        if speaker.team is None
        else context.house.directory().called(speaker.team)
    )
    text = words(
        "{ref}: {person} ({team}) {does}. It does not count: {why}.",
        ref=_name(context, row), person=context.asker.name, team=team,
        does=stance_words(stance, words), why=words(_WHY[refused]),
    )  # fmt: skip
    if refused is Refused.DISPUTED:
        more = words("“rule {ref} counts WHY”, or “void WHY”.", ref=_name(context, row))
        text = f"{text}\n{more}"
    yield from tell_chair(context.session, context.house, row, text)


def _record(context: Context, row: Decision, rule: str, outcome: Outcome) -> None:
    team = context.part().team
    key = None if team is None else team.key
    act = Act(
        context.asker.person, key, Action.SPOKE, named("decision", row.ref), str(rule), outcome
    )
    record(context.session, act, context.now)


def _name(context: Context, row: Decision) -> str:
    return numbering.shown(proposals.reference_of(context.session, row))


_WHY: Mapping[Refused, str] = MappingProxyType(
    {
        Refused.NO_TEAM: message("of no team"),
        Refused.NOT_ON_ROSTER: message("not on the roster"),
        Refused.OBSERVER: message("an observer"),
        Refused.NO_DELEGATE: message("no delegate"),
        Refused.FROZEN: message("frozen"),
        Refused.LATE: message("too late"),
        Refused.DISPUTED: message("read after the end, and said before it as its network claims"),
    }
)
