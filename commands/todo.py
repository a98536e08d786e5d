"""`todo`: what waits for the asker's team, of all that the bot keeps."""

from __future__ import annotations

from commands.registry import Context, Reply, command, reply
from commands.waiting import lines, reader_of


@command("todo")
def todo(context: Context) -> Reply:
    """What waits for your team: acknowledgements, voices, releases, actions."""
    words, reader = context.words, reader_of(context)
    if reader.team is None:
        return reply(words("Nothing waits for you: you are of no team that I know."))
    open_now = context.house.pending(context.session, reader)
    own = [each for each in open_now if reader.team.key in each.teams]
    if not own:
        return reply(words("Nothing waits for {team}.", team=reader.team.name))
    first = words.count(
        "{n} thing waits for {team}:", "{n} things wait for {team}:", len(own),
        team=reader.team.name,
    )  # fmt: skip
    return reply("\n".join([first, *lines(context, own)]))
