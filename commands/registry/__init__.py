"""The registry: what a command is, what it is given, what it gives back.

To add a command, add one file to `commands/`:

    @command("ping")
    def ping(context: Context) -> Reply:
        \"\"\"Is the bot there?\"\"\"
        return reply(context.words("pong"))
"""

from commands.registry.context import (
    ChannelView,
    Context,
    House,
    LaneView,
    Reply,
    refusal,
    reply,
    shortened,
)
from commands.registry.declaration import Arg, Command, Flag, Parameter, Rest, Role, command
from commands.registry.running import Registry

__all__ = [
    "Arg",
    "ChannelView",
    "Command",
    "Context",
    "Flag",
    "House",
    "LaneView",
    "Parameter",
    "Registry",
    "Reply",
    "Rest",
    "Role",
    "command",
    "refusal",
    "reply",
    "shortened",
]
