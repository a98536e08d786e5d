"""Where the pictures of a workspace's own emoji are: one list, asked for when it is needed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace

import msgspec
import structlog

from bot.errors import PlatformError
from bot.events import AccountId, MessageEdited, MessagePosted
from bot.platforms.slack.people import PICTURE
from bot.platforms.slack.web import Web
from bot.richtext import Emoji, Inline
from bot.richtext.walking import changed, leaves

log = structlog.get_logger()

MOST = 20_000
"""Emoji that are remembered."""
PAUSE = 60.0
"""Seconds at least between two questions."""
_ALIASES = 4
"""How many names may stand for each other in a row."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?/[!-~]{0,2000}")
_Said = MessagePosted | MessageEdited


class EmojiPictures:
    """The pictures of one workspace's own emoji. Nothing waits for them: until the list is there,
    an emoji is its name.
    """

    def __init__(self, web: Web, account: AccountId, *, pause: float = PAUSE) -> None:
        self._web = web
        self._account = account
        self._pause = pause
        self._places: Mapping[str, str] = {}
        self._stale = True
        self._next = 0.0
        self._asking: asyncio.Task[None] | None = None

    def note(self, payload: object) -> None:
        """Take what a payload tells: whether there are other emoji now."""
        match payload:
            case {"event": {"type": "emoji_changed"}}:
                self._stale = True

    def shown(self, event: _Said) -> _Said:
        """What was said, with the pictures of its emoji as far as they are known."""
        if not any(_is_custom(leaf) for leaf in leaves(event.body)):
            return event
        self._ask()
        return replace(event, body=changed(event.body, self._pictured))

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _pictured(self, leaf: Inline) -> Inline:
        if not isinstance(leaf, Emoji) or not _is_custom(leaf):
            return leaf
        place = self._places.get(leaf.text.strip(":"))
        if place is None:
            return leaf
        return msgspec.structs.replace(leaf, picture=f"{self._account} {PICTURE} {place}")

    def _ask(self) -> None:
        now = asyncio.get_running_loop().time()
        busy = self._asking is not None and not self._asking.done()
        if self._stale and not busy and now >= self._next:
            self._next = now + self._pause
            self._asking = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        self._stale = False  # what changes from here on is to be asked for again
        try:
            found = (await self._web.call("emoji.list")).get("emoji")
        except PlatformError as error:
            log.info("emoji.not_known", reason=error.reason)
            self._stale = True
        else:
            self._places = places_of(found) if isinstance(found, dict) else {}


def places_of(found: Mapping[str, object]) -> dict[str, str]:
    """The addresses of pictures by name, from what `emoji.list` says; `alias:` names another."""
    places: dict[str, str] = {}
    for name in list(found)[:MOST]:
        place = found[name]
        for _ in range(_ALIASES):
            if isinstance(place, str) and place.startswith("alias:"):
                place = found.get(place.removeprefix("alias:"))
        if isinstance(place, str) and _ADDRESS.fullmatch(place):
            places[name] = place
    return places


def _is_custom(leaf: Inline) -> bool:
    return isinstance(leaf, Emoji) and leaf.text.startswith(":")
