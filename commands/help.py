"""`help`: what can be typed, and how."""

from __future__ import annotations

from typing import Annotated

from bot.errors import UserError
from commands.grammar import closest
from commands.registry import Arg, Command, Context, Reply, Role, command, reply, shortened


@command("help", role=Role.GUEST)
def help_(
    context: Context, name: Annotated[tuple[str, ...], Arg("the command to explain")] = ()
) -> Reply:
    """What can I do, and how is it typed?"""
    if not name:
        return _overview(context)
    found = _named(context, name[0])
    for word in name[1:]:
        found = found.below.get(word.lower(), found)
    return reply(found.help(context.words))


def _overview(context: Context) -> Reply:
    words = context.words
    lines = [words("These are the commands; “help NAME” explains one:")]
    lines += [f"• {each.usage}: {words(each.summary)}" for each in context.commands.values()]
    lines += [
        words("In any room: “!ping”, or a mention of me and “ping”."),
        words("Where your client has slash-commands: “/liaison ping”. To me alone: “ping”."),
        words("Only you see my answer, unless the command acts for the channel."),
    ]
    return reply("\n".join(lines))


def _named(context: Context, name: str) -> Command:
    plain = name.lower().lstrip("!/")
    found = context.commands.get(plain)
    if found is not None:
        return found
    meant = closest(plain, context.commands)
    if meant is None:
        raise UserError("I know no command “{word}”. Try “help”.", word=shortened(name, 20))
    raise UserError(
        "I know no command “{word}”. Did you mean “{meant}”?", word=shortened(name, 20), meant=meant
    )
