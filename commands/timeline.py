"""`timeline`: what happened in a channel, as a table and as a picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

from bot.custody.effective import Marked, stored_marked, together
from bot.decisions import drawing, printing, timeline
from bot.decisions.drawing import Picture, Row
from bot.decisions.showing import state_words, titled
from bot.decisions.timeline import Kind, Moment
from bot.errors import UserError
from bot.events import HOUSE, File, FileKind, Outgoing, Share
from bot.richtext import Paragraph, RichText, Table, Text
from bot.sharing.gate import ALLOWED, judge
from bot.words import Words, message
from commands.deciding import may_read
from commands.grammar.words import quote
from commands.registry import Context, Flag, Reply, command, reply
from commands.targets import in_admin_room
from commands.timing import read_time

_BACK = timedelta(days=30)
_MOST = 40
"""Moments of one picture: the newest."""
_TITLE, _LONGEST_ALT = 120, 1000
_WHAT = {Kind.PUT: message("proposed"), Kind.ENDED: message("ended"), Kind.NOTED: message("note")}


@command("timeline", placed=True, shareable=True)
def timeline_(
    context: Context,
    *,
    since: Annotated[str | None, Flag("from when; thirty days", shown="T")] = None,
    until: Annotated[str | None, Flag("until when; now", shown="T")] = None,
    table: Annotated[bool, Flag("the table alone, no picture")] = False,
    svg: Annotated[bool, Flag("the picture as an SVG")] = False,
) -> Reply:
    """Show what happened here: decisions and notes, as a table and as a picture for the room."""
    words, channel = context.words, context.channel
    if channel is None:
        raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
    end = context.now if until is None else read_time(context, until, ahead=False).at
    begin = end - _BACK if since is None else read_time(context, since, ahead=False).at
    found = timeline.gathered(
        context.session, context.house.series(), channel, partial(_may, context, channel), begin,
        end,
    )  # fmt: skip
    marked = together(each.marked for each in found)
    if marked is None:
        return reply(words("Nothing is written down of that time."))
    shown = found[-_MOST:]
    body = _table(context, shown, marked, len(found))
    to_all = replace(context, words=context.house.words_in(context.room))
    bare = table or in_admin_room(context)  # which hold no content that all in them see
    also = () if bare else (_picture(to_all, shown, marked, len(found), svg=svg),)
    shares = _arguments(since, until, table=table or not context.direct, svg=svg)
    return Reply(body, also=also, matter=stored_marked(marked), shares=shares)


def _arguments(since: str | None, until: str | None, *, table: bool, svg: bool) -> str:
    """The same question, for all who read the room. `table`: without the picture, where that is not
    wanted, or the room has it already.
    """
    typed = [] if since is None else [f"--since {quote(since)}"]
    typed += [] if until is None else [f"--until {quote(until)}"]
    typed += ["--table"] if table else ["--svg"] if svg else []
    return " ".join(typed)


def _may(context: Context, channel: str, marked: Marked) -> bool:
    """Whether those who will see it may have it: all who read the room where it is shown, in a
    direct room the asker's team, the operators in theirs.
    """
    room, custody = context.room, context.house.custody()
    if in_admin_room(context):
        return True
    if room is not None and not context.direct:
        if context.house.channel_of(room) != channel:
            raise UserError("Ask me in a room of the channel, or in our direct room.")
        matter = custody.markings.effective(marked).matter
        return judge(matter, custody.doors.door(room)) is ALLOWED
    team = context.part().team
    return team is not None and may_read(context, marked, channel, team)


def _first(context: Context, marked: Marked, shown: int, count: int) -> str:
    words, channel = context.words, context.channel
    first = words.count("{label} · {channel}: {n} moment", "{label} · {channel}: {n} moments",
                        count, label=marked.marking.label, channel=channel)  # fmt: skip
    return first if shown == count else words("{first}, the last {n}", first=first, n=shown)


def _table(context: Context, shown: Sequence[Moment], marked: Marked, count: int) -> RichText:
    words = context.words
    head = [words("When (UTC)"), words("What"), words("Number"), words("Marking"), words("Text")]
    rows = [head, *(_cells(each, words) for each in shown)]
    cells = tuple(tuple((Text(cell),) for cell in row) for row in rows)
    first = Paragraph((Text(_first(context, marked, len(shown), count)),))
    return RichText((first, Table(cells, header=1)))


def _cells(moment: Moment, words: Words) -> list[str]:
    return [
        f"{moment.at.astimezone(UTC):%Y-%m-%d %H:%M}",
        _what(moment, words),
        moment.name,
        str(moment.marked.marking.label),
        titled(moment.text or "—", _TITLE),
    ]


def _what(moment: Moment, words: Words) -> str:
    return words(_WHAT[moment.kind]) if moment.state is None else state_words(moment.state, words)


def _picture(
    context: Context, shown: Sequence[Moment], marked: Marked, count: int, *, svg: bool
) -> Outgoing:
    """The same as a file, for all who read the room; how it is marked goes with it."""
    assert context.room is not None, "a command is typed in a room"
    drawn, height = drawing.draw(_drawn(context, shown, marked, count))
    name = f"timeline-{context.channel}-{context.now.astimezone(UTC):%Y%m%d-%H%M}"
    file = File(HOUSE, drawn, f"{name}.svg", FileKind.FILE, "image/svg+xml",
                len(drawn.encode()), alt=_alt(context, shown, marked, count))  # fmt: skip
    if not svg:
        made = printing.printed(drawn)
        file = _printed(file, made, f"{name}.png", height)
    in_channel = context.house.channel_of(context.room) is not None
    matter = stored_marked(marked) if in_channel else None
    return Outgoing(context.room, Share(file), matter=matter)


def _printed(file: File, made: bytes, name: str, height: int) -> File:
    """The PNG instead of the drawing."""
    return File(
        HOUSE, base64.b64encode(made).decode(), name, FileKind.IMAGE, "image/png", len(made),
        drawing.WIDTH, height, alt=file.alt,
    )  # fmt: skip


def _drawn(context: Context, shown: Sequence[Moment], marked: Marked, count: int) -> Picture:
    words = context.words
    title = words("Timeline of {channel}", channel=context.channel)
    legend = [
        ("put", words("proposed")),
        ("ended", words("decided, or come to nothing")),
        ("noted", words("noted")),
    ]
    left = count - len(shown)
    footer = words("All times in UTC. Drawn {when}.", when=_when(context.now))
    if left:
        more = words.count("{n} earlier moment is left out.", "{n} earlier moments are left out.",
                           left)  # fmt: skip
        footer = f"{more} {footer}"
    rows = [_row(each, words) for each in shown]
    return Picture(str(marked.marking), title, rows, legend, footer)


def _row(moment: Moment, words: Words) -> Row:
    at = moment.at.astimezone(UTC)
    label = moment.marked.marking.label
    head = f"{_what(moment, words)} · {moment.name} · {label}"
    return Row(f"{at:%Y-%m-%d}", f"{at:%H:%M}", moment.kind, head, titled(moment.text or "—", 200))


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _alt(context: Context, shown: Sequence[Moment], marked: Marked, count: int) -> str:
    """What those hear who do not see it: the same, in words."""
    lines = [" · ".join(_cells(each, context.words)) for each in shown]
    whole = "\n".join([_first(context, marked, len(shown), count), *lines])
    return whole if len(whole) <= _LONGEST_ALT else whole[: _LONGEST_ALT - 1] + "…"
