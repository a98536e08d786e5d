"""`help`: what can be typed, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated

from bot.errors import UserError
from bot.words import message
from commands.grammar import closest
from commands.registry import Arg, Command, Context, Reply, Role, command, reply, shortened

TOPICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        message("What is known of a value"): (
            "ioc", "sighting", "harmless", "watch", "unwatch", "contribute",
        ),
        message("Reaching people"): ("page", "duty", "drill", "team", "todo", "handover"),
        message("Advisories, and what happens at a time"): (
            "advisory", "subscribe", "digest", "schedule",
        ),
        message("Decisions"): (
            "propose", "voice", "vote", "approve", "decide", "note", "show", "decisions",
            "actions", "timeline", "rule", "extend", "withdraw", "correct", "redact",
        ),
        message("How far something goes"): (
            "mark", "release", "ask-release", "refuse", "undo", "recall", "share", "audit",
            "hold", "unhold", "freeze", "thaw",
        ),
        message("Rooms and messages"): (
            "status", "channel", "trace", "who-reacted", "backfill", "resume",
        ),
        message("You and I"): (
            "help", "ping", "whoami", "link", "unlink", "confirm", "done",
        ),
    }
)  # fmt: skip
"""Under what each command stands in the overview; any other one stands at its end."""


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
    for topic, names in TOPICS.items():
        lines += [words(topic), *_listed(context, names)]
    topical = {name for names in TOPICS.values() for name in names}
    lines += _listed(context, (name for name in context.commands if name not in topical))
    lines += [
        words("In any room: “!ping”, or a mention of me and “ping”."),
        words("Where your client has slash-commands: “/liaison ping”. To me alone: “ping”."),
        words("Only you see my answer, unless the command acts for the channel."),
    ]
    return reply("\n".join(lines))


def _listed(context: Context, names: Iterable[str]) -> list[str]:
    found = [each for name in names if (each := context.commands.get(name)) is not None]
    return [f"• {each.name}: {context.words(each.summary)}" for each in found]


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
