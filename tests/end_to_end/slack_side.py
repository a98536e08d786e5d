"""The Slack stand-in with an ambush in it, and what its rooms show."""

from __future__ import annotations

import html
from typing import Any

from aiohttp import web

from bot.sandbox.slack import SlackStandIn, Workspace
from bot.sandbox.slack.sockets import Switchboard
from bot.sandbox.slack.wire import decode
from tests.end_to_end.points import Ambush, Point
from tests.end_to_end.store_view import StoreView
from tests.end_to_end.tally import Line

_POST = "chat.postMessage"


class AmbushedSlack(SlackStandIn):
    """The stand-in, which kills the bot where it is told to."""

    def __init__(self, ambush: Ambush, store: StoreView) -> None:
        super().__init__()
        self._ambush = ambush
        self._store = store

    def add_workspace(
        self, name: str, *, bot: str = "Liaison", bot_token: str = "", app_token: str = ""
    ) -> Workspace:
        made = super().add_workspace(name, bot=bot, bot_token=bot_token, app_token=app_token)
        self._watch(made.stage.boards[made.app.id])
        return made

    def _watch(self, board: Switchboard) -> None:
        read = board._acknowledge

        def acknowledge(frame: str) -> None:
            known = decode(frame).get("envelope_id") in board.pending
            if known and self._ambush.waits_at(Point.SLACK_STORED):
                self._ambush.strike()  # and the acknowledgement is lost on its way
                return
            read(frame)
            if known and self._ambush.waits_at(Point.SLACK_ACKNOWLEDGED):
                self._ambush.strike()

        board._acknowledge = acknowledge  # type: ignore[method-assign]  # where the far side reads

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] != _POST:
            return await super()._api(request)
        if self._ambush.waits_at(Point.SLACK_ASKED):
            self._ambush.strike()
            return web.Response(status=500)
        if self._ambush.waits_at(Point.SLACK_ANSWERED):
            with self._store.locked():  # whatever the bot reads, it cannot store
                response = await super()._api(request)
                await response.prepare(request)
                await response.write_eof()
                self._ambush.strike()
            return response
        response = await super()._api(request)
        if self._ambush.waits_at(Point.SLACK_POSTED):
            self._ambush.strike()
        return response


def said_by_people(workspace: Workspace, channel: str) -> list[tuple[str, Line]]:
    """What people said in a room, with its `ts`, in order."""
    names = {user.id: user.display_name for user in workspace.world.users.values()}
    return [
        (message["ts"], Line(names[message["user"]], html.unescape(message["text"])))
        for message in workspace.messages(channel)
        if "bot_id" not in message and "subtype" not in message
    ]


def shown_by_bot(workspace: Workspace, channel: str) -> list[Line]:
    """What the bot posted in a room, in order: under whose name, and what."""
    return [
        Line(_name(message), html.unescape(message["text"]))
        for message in workspace.messages(channel)
        if message.get("bot_id") == workspace.app.bot_id
    ]


def threads_of_bot(workspace: Workspace, channel: str) -> dict[str, str]:
    """The root's text for each reply that the bot posted, by the reply's text."""
    messages = workspace.messages(channel)
    texts = {message["ts"]: html.unescape(message["text"]) for message in messages}
    return {
        html.unescape(message["text"]): texts[message["thread_ts"]]
        for message in messages
        if "bot_id" in message and message.get("thread_ts", message["ts"]) != message["ts"]
    }


def _name(message: dict[str, Any]) -> str:
    return str(message.get("username", ""))
