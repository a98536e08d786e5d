"""`actions`: what is still to be done, by team."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.custody import numbering
from bot.custody.effective import Marked, stored_marked, together
from bot.decisions import proposals, tasks
from bot.decisions.tasks import owner_name
from bot.store.tables.decisions import Decision, Task
from bot.words.times import moment
from commands.deciding import may_know
from commands.registry import Arg, Context, Reply, command, reply


@command("actions", placed=True, shareable=True)
def actions(
    context: Context, team: Annotated[str | None, Arg("of one team alone")] = None
) -> Reply:
    """List what is still to be done, and by whom."""
    words, called = context.words, context.house.directory().called
    found: dict[str, list[str]] = {}
    marks: list[Marked] = []
    for task in tasks.waiting(context.session):
        row = context.session.get(Decision, task.ref)
        here = row is not None and context.channel in {None, row.channel}
        if row is None or not here or not may_know(context, row):
            continue
        name = words("of no team") if task.team is None else called(task.team)
        if team is None or team.casefold() in {name.casefold(), (task.team or "").casefold()}:
            found.setdefault(name, []).append(_line(context, row, task))
            marks.append(proposals.marked_as(row))
    marked = together(marks)
    if marked is None:
        return reply(words("Nothing is left to do."))
    number = sum(map(len, found.values()))
    first = words.count("{n} thing is left to do:", "{n} things are left to do:", number)
    lines = [line for name in sorted(found) for line in (f"{name}:", *found[name])]
    return replace(reply("\n".join([first, *lines])), matter=stored_marked(marked))


def _line(context: Context, row: Decision, task: Task) -> str:
    words, session = context.words, context.session
    name = numbering.shown(proposals.reference_of(session, row))
    when = "" if task.due is None else moment(words, task.due, context.now)
    late = task.due is not None and task.due < context.now
    line = words("• {ref}.{n} · {who} · by {when}", ref=name, n=tasks.place_of(session, task),
                 who=owner_name(context.house.directory(), task.owner), when=when)  # fmt: skip
    what = tasks.words_of(session, row, task)
    return f"{line} · {words('overdue')} · {what}" if late else f"{line} · {what}"
