"""`share`: another command's answer, computed anew for all who read the room, for them to see.

What the asker was told is not passed on: the room may read less, or more, than their team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from bot.bridge.denials import why
from bot.bridge.labelling import label_line
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.custody.rosters import is_reader
from bot.errors import UserError
from bot.events import Outgoing, Post, RoomId
from bot.richtext import Paragraph, RichText, Text, plain
from bot.sharing.gate import Denied
from bot.sharing.marking import Marking, parse_label
from commands.grammar import Call, read_slash
from commands.registry import (
    FIRST_LINE,
    SHARE,
    Command,
    Context,
    Reply,
    Rest,
    below,
    carry_out,
    command,
    reply,
    shortened,
)

_EXCERPT = 20


@command(SHARE, private=False, placed=True)
def share(
    context: Context,
    words: Annotated[
        str, Rest("a command whose answer all in the room are to see", shown="COMMAND")
    ],
) -> Reply:
    """Let all in the room see what a command answers, as far as the room may."""
    found, text = _shared(context, words)
    if context.channel is None or context.room is None:
        raise UserError("Say it in a room of a channel, or say which: “--channel NAME”.")
    if context.house.channel_of(context.room) == context.channel:
        answer, matter = _for_room(context, context.room, found, text)
        return replace(answer, public=True, matter=matter)
    posts: list[Outgoing] = []
    rooms = _own_rooms(context, context.channel)
    for room in rooms:
        answer, matter = _for_room(context, room, found, text)
        posts.append(Outgoing(room, Post(answer.body, controls=answer.controls), matter=matter))
        posts += answer.also
    said = context.words.count("Shared in {n} room.", "Shared in {n} rooms.", len(rooms))
    return replace(reply(said), also=tuple(posts))


def _shared(context: Context, line: str) -> tuple[Command, str]:
    """The command whose answer is to be shared, with its arguments."""
    call = read_slash(line, context.commands, escaped=False)
    found = context.commands.get(call.name) if isinstance(call, Call) else None
    if found is None or not isinstance(call, Call):
        word = shortened(line.split(maxsplit=1)[0], _EXCERPT)
        raise UserError("I know no command “{word}”, and passed nothing on. Try “help”.", word=word)
    found, text = below(found, call.text)
    if not found.shareable:
        raise UserError("What “{command}” answers is not for sharing.", command=found.name)
    return found, text


def _own_rooms(context: Context, channel: str) -> Sequence[RoomId]:
    """The rooms of a channel that the asker is in, by any of their accounts."""
    asker, session = context.asker.person, context.session
    accounts = (asker, *context.house.linked(session, asker))
    rooms = [
        room
        for room in context.house.rooms_of(channel)
        if any(is_reader(session, room, account) for account in accounts)
    ]
    if not rooms:
        raise UserError("You are in no room of that channel.")
    return rooms


def _for_room(context: Context, room: RoomId, found: Command, text: str) -> tuple[Reply, str]:
    """The answer for all who read a room, and how it is marked; raises UserError where it may not
    be there.
    """
    custody = context.house.custody()
    for_all = replace(
        context, room=room, direct=False, handle=None, confirmed="",
        shared=custody.doors.door(room), words=context.house.words_in(room),
    )  # fmt: skip
    answer = carry_out(found, text, for_all)
    default = Marking(custody.markings.default(context.channel or ""))
    matter = answer.matter or stored_marked(Marked(default, None, context.now))
    verdict = custody.ask(custody.markings.effective(marked_of(matter)).matter, room)
    if isinstance(verdict, Denied):
        reason = why(verdict, context.house.directory(), context.words)
        raise UserError("Not shared in {room}: {why}", room=room, why=reason)
    return replace(answer, body=_labelled(answer.body, answer.matter)), matter


def _labelled(body: RichText, stored: str | None) -> RichText:
    """What is marked says so first, so that it stands on every part and in each notification."""
    if stored is None:
        return body
    marking, first = marked_of(stored).marking, body.blocks[0]
    head = plain(RichText((first,))).partition("\n")[0]
    if marking.label in map(parse_label, head.split()):
        return body
    if isinstance(first, Paragraph) and len(f"{marking} · {head}") <= FIRST_LINE:
        labelled = Paragraph((Text(f"{marking} · "), *first.content))
        return RichText((labelled, *body.blocks[1:]))
    return RichText((label_line(marking), *body.blocks))
