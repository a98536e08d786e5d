"""The draft that fields make: each read as its author means it, where they write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from msgspec.structs import replace

from bot.advisories.document import MOST, Document, Kind
from bot.advisories.front_matter import Written
from bot.advisories.keeping import Draft
from bot.advisories.markdown import read_markdown
from bot.errors import UserError
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.sharing.written import read_marking
from bot.times.instants import Reading, read_instant
from bot.times.working import Severity
from commands.drafting import a_kind, a_severity
from commands.indicators.naming import named_indicators
from commands.registry import Context, shortened
from commands.timing import own_zone


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
        cves=_list(written, "cves", old.cves if old else (), upper=True),
        due=_due(context, written, old),
        references=_list(written, "references", old.references if old else ()),
        contact=_kept(written, "contact", old.contact if old else ""),
        kind=_kind(written, old),
        affected=_list(written, "affected", old.affected if old else ()),
        techniques=_list(written, "techniques", old.techniques if old else (), upper=True),
        actions=_kept(written, "actions", old.actions if old else ""),
    )
    document = replace(document, indicators=_indicators(context, written, document, old))
    check_words((document.title, document.summary, document.body, document.actions), document.label)
    return Draft(document, channels, _sealing(context, written, before))


def is_secret(written: Written) -> bool:
    """Whether something was written that is kept nowhere: it is TLP:RED, or says so."""
    texts = (written.body, *(written.one(key) or "" for key in written.values if key != "marking"))
    label = read_marking(say(_as_label(written.one("marking") or ""))).label
    said = (read_marking(read_markdown(text)).label for text in texts)
    return label is Label.RED or Label.RED in said


def _as_label(said: str) -> str:
    return said if said.lower().startswith("tlp") else f"TLP:{said}"


def _kept(written: Written, key: str, before: str) -> str:
    return (written.one(key) or "") if key in written.values else before


def _list(
    written: Written, key: str, before: tuple[str, ...], *, upper: bool = False
) -> tuple[str, ...]:
    """What was listed, each once; what was not written is as before."""
    if key not in written.values:
        return before
    return tuple(dict.fromkeys(each.upper() if upper else each for each in written.many(key)))


def _indicators(
    context: Context, written: Written, document: Document, old: Document | None
) -> tuple[str, ...]:
    """Those named now, or before: what it is marked with may be another by now."""
    typed = _list(written, "indicators", old.indicators if old else ())
    return named_indicators(context, typed, document.marking, MOST) if typed else ()


def _kind(written: Written, old: Document | None) -> Kind:
    said = written.one("kind")
    if said is None:
        return Kind.ADVISORY if old is None else old.kind
    return a_kind(said)


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
        read = read_marking(say(_as_label(said)))
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


def due_of(context: Context, typed: str) -> Reading:
    """Until when something is to be done, as its author means it. Raises UserError."""
    return read_instant(typed, context.said or context.now, own_zone(context))


def _due(context: Context, written: Written, old: Document | None) -> str | None:
    if "due" not in written.values:
        return None if old is None else old.due
    typed = written.one("due")
    if typed is None:
        return None
    at = due_of(context, typed).at
    return at.astimezone(UTC).isoformat(timespec="seconds")


def check_words(texts: Iterable[str], label: Label) -> None:
    """Refuse words that bear a higher label than they are to be posted with."""
    for text in texts:
        said = read_marking(read_markdown(text))
        if said.doubt is None and said.label is not None and said.label > label:
            raise UserError(
                "Its words bear {higher}, and it is marked {lower}: say which it is.",
                higher=said.label, lower=label,
            )  # fmt: skip
