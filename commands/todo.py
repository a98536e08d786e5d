"""`todo`: what waits for the asker's team, of all that the bot keeps."""

from __future__ import annotations

from dataclasses import replace

from bot.custody.effective import stored_marked
from bot.custody.pending import marked_together
from commands.registry import Context, Reply, command, reply
from commands.waiting import lines, reader_of


@command("todo", placed=True, shareable=True)
def todo(context: Context) -> Reply:
    """What waits for your team: acknowledgements, voices, releases, actions."""
    words, reader = context.words, reader_of(context)
    if reader.team is None:
        return reply(words("Nothing waits for you: you are of no team that I know."))
    open_now = context.house.pending(context.session, reader, _where(context))
    own = [each for each in open_now if reader.team.key in each.teams]
    if not own:
        return reply(words("Nothing waits for {team}.", team=reader.team.name))
    first = words.count(
        "{n} thing waits for {team}:", "{n} things wait for {team}:", len(own),
        team=reader.team.name,
    )  # fmt: skip
    answer = reply("\n".join([first, *lines(context, own)]))
    return replace(answer, matter=stored_marked(marked_together(own, context.now)))


def _where(context: Context) -> str | None:
    """Of which channel alone: of the one that is named, or whose room it is shared with; else what
    waits anywhere, wherever one asks.
    """
    named = context.room is None or context.house.channel_of(context.room) != context.channel
    return context.channel if named or context.shared is not None else None
