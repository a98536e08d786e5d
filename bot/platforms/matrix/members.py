"""What people are called in each room, and their pictures, from what comes with what they say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from bot.platforms.matrix.attachments import handle_of, mxc_parts
from bot.platforms.matrix.envelope import RoomEvent, decode

MOST = 20_000
"""Names that are remembered; the longest unused go first."""


class Members:
    """Display names and pictures by room and person.

    The homeserver sends the membership of everybody who speaks in an answer along with it (lazy
    loading, with redundant members), so that no name has to be asked for and waited for.
    """

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()

    def learn(self, room: str, events: Iterable[msgspec.Raw]) -> None:
        """Take note of the membership events among these."""
        for raw in events:
            event = decode(raw)
            if event is not None:
                self.note(room, event)

    def note(self, room: str, event: RoomEvent) -> None:
        """Take note of one event, if it is a membership with a name in it."""
        if event.type != "m.room.member" or not isinstance(event.content, dict):
            return
        name, person = event.content.get("displayname"), event.state_key
        if not isinstance(person, str):
            return
        picture = event.content.get("avatar_url")
        self._names[room, person] = (
            name if isinstance(name, str) else "",
            picture if isinstance(picture, str) and mxc_parts(picture) else "",
        )
        self._names.move_to_end((room, person))
        while len(self._names) > MOST:
            self._names.popitem(last=False)

    def name(self, room: str, person: str) -> str:
        """What a person is called in a room, "" where that is not known."""
        return self._names.get((room, person), ("", ""))[0]

    def picture(self, room: str, person: str) -> str:
        """A person's picture in a room, as a `File.handle`; "" where they have none."""
        mxc = self._names.get((room, person), ("", ""))[1]
        return handle_of(mxc) if mxc else ""
