"""An advisory as somebody types it: options, a file or lines of text, made a draft of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.advisories.document import Document
from bot.advisories.front_matter import Written, read_file, read_typed
from bot.advisories.keeping import Draft
from bot.advisories.markdown import read_markdown
from bot.errors import UserError
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.sharing.written import read_marking
from bot.times.instants import read_instant
from bot.times.working import Severity
from commands.registry import Attached, Context, shortened
from commands.timing import own_zone

SEVERITIES = tuple(Severity)
LARGEST = 256 * 1024
"""Bytes of a file: what is longer is no text that somebody wrote to be posted."""


@dataclass(frozen=True, slots=True)
class Options:
    """What stood in options; what is None was not typed."""

    severity: Severity | None = None
    marking: str | None = None
    group: str | None = None
    channels: tuple[str, ...] | None = None
    seal: tuple[str, ...] | None = None
    due: str | None = None

    def over(self, written: Written) -> Written:
        """What was written, with these in place of what it says."""
        said = {
            "severity": None if self.severity is None else (str(self.severity),),
            "marking": None if self.marking is None else (self.marking,),
            "group": None if self.group is None else (self.group,),
            "channels": self.channels,
            "seal": self.seal,
            "due": None if self.due is None else (self.due,),
        }
        typed = {key: value for key, value in said.items() if value is not None}
        return Written({**written.values, **typed}, written.body)


def a_severity(text: str) -> Severity:
    """A severity; raises UserError."""
    found = next((each for each in Severity if each == text.strip().casefold()), None)
    if found is None:
        raise UserError("Say how grave it is: low, medium, high or critical.")
    return found


def written_of(context: Context, text: str) -> Written | None:
    """What somebody wrote, in the file that they shared with the command, or behind it."""
    if not context.attached:
        return read_typed(text) if text.strip() else None
    written = read_file(_read(context.attached))
    if written.one("title") is None and text.strip():
        return Written(
            {**written.values, "title": (text.strip().partition("\n")[0],)}, written.body
        )
    return written


def _read(attached: Sequence[Attached]) -> str:
    """The text of the one file that came with it; raises UserError."""
    if len(attached) > 1:
        raise UserError("Share one file with it, not several.")
    (file,) = attached
    if len(file.content) > LARGEST:
        raise UserError("That file is too large for a text.")
    try:
        return file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("That file is no text in UTF-8.") from None


def draft_from(context: Context, written: Written, before: Draft | None = None) -> Draft:
    """The draft that it makes; what is absent is as `before`, else has the channel's default.
    Raises UserError.
    """
    channels = _channels(context, written, before)
    old = None if before is None else before.document
    marking, group = _marking(context, written, channels[0], old)
    document = Document(
        title=" ".join((written.one("title") or (old.title if old else "")).split()),
        label=marking,
        group=group,
        severity=_severity(written, old),
        summary=_kept(written, "summary", old.summary if old else ""),
        body=written.body or (old.body if old else ""),
        cves=tuple(each.upper() for each in written.many("cves")) or (old.cves if old else ()),
        due=_due(context, written, old),
        references=written.many("references") or (old.references if old else ()),
        contact=_kept(written, "contact", old.contact if old else ""),
    )
    _check_words(document)
    return Draft(document, channels, _sealing(context, written, before))


def _kept(written: Written, key: str, before: str) -> str:
    return written.one(key) or before


def _severity(written: Written, old: Document | None) -> Severity:
    said = written.one("severity")
    if said is None:
        return Severity.MEDIUM if old is None else old.severity
    return a_severity(said)


def _channels(context: Context, written: Written, before: Draft | None) -> tuple[str, ...]:
    named = written.many("channels")
    known = context.house.channels()
    if not named:
        if before is not None:
            return before.channels
        if context.channel is None:
            raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
        return (context.channel,)
    for name in named:
        if name not in known or not _may_post(context, name):
            raise UserError("I know of no channel “{name}”.", name=shortened(name, 40))
    return tuple(dict.fromkeys(named))


def _may_post(context: Context, channel: str) -> bool:
    """Whether a channel exists for the asker: for its teams, and where there are none for all."""
    team = context.part().team
    return team is None or channel == context.channel or team.key in context.house.roster(channel)


def _marking(
    context: Context, written: Written, channel: str, old: Document | None
) -> tuple[Label, str | None]:
    said, group = written.one("marking"), written.one("group")
    label = old.label if old else context.house.channels()[channel].marking
    if said is not None:
        read = read_marking(say(said if said.lower().startswith("tlp") else f"TLP:{said}"))
        if read.label is None or read.doubt is not None:
            raise UserError("Say a label: TLP:CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")
        label, names = read.label, [name for each in read.releasable for name in sorted(each)]
        if len(names) > 1 or (names and group):
            raise UserError("Name one group for it: what has several has no series of its own.")
        group = group or (names[0] if names else None)
    group = group or (old.group if old else None)
    if group is not None:
        return label, _group(context, group)
    return label, None


def _group(context: Context, typed: str) -> str:
    directory = context.house.directory()
    wanted = typed.casefold()
    names: Iterable[str] = (*directory.groups, *directory.teams)
    found = next((name for name in names if name.casefold() == wanted), None)
    if found is None:
        raise UserError("I know no group or team “{name}”.", name=shortened(typed, 40))
    return found


def _sealing(context: Context, written: Written, before: Draft | None) -> tuple[TeamKey, ...]:
    named = written.many("seal")
    if not named:
        return () if before is None else before.sealing
    teams = context.house.directory().teams
    by_name = {team.name.casefold(): key for key, team in teams.items()}
    by_name |= {key.casefold(): key for key in teams}
    for name in named:
        if name.casefold() not in by_name:
            raise UserError("I know no team “{name}”.", name=shortened(name, 40))
    return tuple(dict.fromkeys(by_name[name.casefold()] for name in named))


def _due(context: Context, written: Written, old: Document | None) -> str | None:
    typed = written.one("due")
    if typed is None:
        return None if old is None else old.due
    at = read_instant(typed, context.now, own_zone(context)).at
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _check_words(document: Document) -> None:
    """Refuse words that bear a higher label than they are to be posted with."""
    for text in (document.title, document.summary, document.body):
        said = read_marking(read_markdown(text))
        if said.doubt is None and said.label is not None and said.label > document.label:
            raise UserError(
                "Its words bear {higher}, and it is marked {lower}: say which it is.",
                higher=said.label, lower=document.label,
            )  # fmt: skip
