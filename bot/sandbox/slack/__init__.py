"""A stand-in for Slack: its Web API and Socket Mode, on loopback, for tests and the sandbox."""

from bot.sandbox.slack.control import Remote
from bot.sandbox.slack.faults import Trouble
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.workspace import Workspace

__all__ = ["Remote", "SlackStandIn", "Trouble", "Workspace"]
