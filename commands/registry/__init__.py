"""The registry: what a command is, what it is given, what it gives back.

To add a command, add one file to `commands/`:

    @command("ping")
    def ping(context: Context) -> Reply:
        \"\"\"Is the bot there?\"\"\"
        return reply(context.words("pong"))
"""

from bot.sharing.roles import Role
from commands.registry.context import CONFIRM, NO, YES, Attached, Context, asks_first
from commands.registry.declaration import command
from commands.registry.described import Arg, Command, Flag, Parameter, Rest
from commands.registry.house import AudienceView, ChannelView, House, LaneView, SilenceView
from commands.registry.replies import FIRST_LINE, Enquiry, Reply, refusal, reply, shortened
from commands.registry.running import SHARE, Registry, below, carry_out

__all__ = [
    "CONFIRM",
    "FIRST_LINE",
    "NO",
    "SHARE",
    "YES",
    "Arg",
    "Attached",
    "AudienceView",
    "ChannelView",
    "Command",
    "Context",
    "Enquiry",
    "Flag",
    "House",
    "LaneView",
    "Parameter",
    "Registry",
    "Reply",
    "Rest",
    "Role",
    "SilenceView",
    "asks_first",
    "below",
    "carry_out",
    "command",
    "refusal",
    "reply",
    "shortened",
]
