"""People who talk, answer, edit, react, and take back, by chance from a seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from tests.end_to_end.matrix_side import in_thread
from tests.end_to_end.seen import EMOJI, Seen
from tests.end_to_end.traffic import Traffic

_RECENT = 12
"""Deeds are done to one of the last so many messages."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person as they know it; `answered`: it is the root of a thread."""

    id: str
    person: str
    text: str
    answered: bool = False


@dataclass(slots=True)
class Mixture(Traffic):
    """Does one thing after another in a coalition. Every text is another one.

    What Slack's history does not show (deletions, removed reactions) is done only while the bot
    is there to be told.
    """

    done: Counter[str] = field(default_factory=Counter)
    _said: dict[str, list[Said]] = field(default_factory=dict)
    _reacted: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By room, message and Slack's name of the emoji: the person in Slack, the event in Matrix."""

    async def say(self, lines: int = 1) -> None:
        """So many messages, and what people do to others in between."""
        for _ in range(lines):
            person = self.random.choice(list(self.whole.people))
            await self._post(person)
            for _ in range(self.random.randrange(3)):
                await self._do(self.random.choice(list(self.whole.people)))

    async def _post(self, person: str) -> None:
        room = self.whole.people[person]
        said = self._said.setdefault(room, [])
        root = ""
        if self.random.random() < 0.3:
            root = await self._thread(room, said)
        if self.random.random() < 0.15:
            await self._share(person, room, root)
            return
        text = f"line {self.count}"
        self.count += 1
        id_ = await self.whole.say(person, text, root)
        if not root:
            said.append(Said(id_, person, text))
            del said[:-_RECENT]

    async def _share(self, person: str, room: str, root: str) -> None:
        size = 1_040_000 if self.random.random() < 0.3 else 3_000  # some in lanes of their own
        name, content = f"file-{self.count}.txt", (f"{self.count}\n".encode() * size)[:size]
        self.count += 1
        self.done["file"] += 1
        if room != "matrix":
            place = self.whole.rooms[room]
            place.workspace.upload(
                place.channel, place.people[person], name, content, thread_ts=root
            )
            return
        matrix, member = self.whole.matrix, self.whole.member(person)
        mxc = await matrix.upload(member, name, content, "text/plain")
        info = {"size": len(content), "mimetype": "text/plain"}
        said = {"msgtype": "m.file", "body": name, "url": mxc, "info": info}
        await matrix.send(member, said | (in_thread(root) if root else {}))

    async def _thread(self, room: str, said: list[Said]) -> str:
        """The root of a thread: a message of this room's people, or a copy of another's."""
        home = self.random.choice([*self.whole.rooms, "matrix"])
        theirs = self._said.get(home, [])
        if not theirs:
            return ""
        at = self.random.randrange(len(theirs))
        root = theirs[at]
        if home == room:
            id_ = root.id
        else:
            copy = await self._copy(room, root)
            if copy is None:
                return ""
            id_ = copy.id
        theirs[at] = replace(root, answered=True)
        self.done["answer"] += 1
        return id_

    async def _copy(self, room: str, said: Said) -> Seen | None:
        found = [seen for seen in await self.whole.seen(room) if seen.text == said.text]
        return found[0] if found else None

    async def _do(self, person: str) -> None:
        room = self.whole.people[person]
        mine = [said for said in self._said.get(room, []) if said.person == person]
        deed = self.random.choice(["edit", "delete", "react", "react", "unreact"])
        if deed == "react":
            await self._react(person, room)
        elif deed == "unreact":
            await self._unreact(room)
        elif mine:
            await (self._edit if deed == "edit" else self._delete)(room, self.random.choice(mine))

    async def _edit(self, room: str, said: Said) -> None:
        text = f"{said.text} again"
        if room == "matrix":
            await self.whole.matrix.edit(self.whole.member(said.person), said.id, text)
        else:
            place = self.whole.rooms[room]
            place.workspace.edit(place.channel, said.id, text)
        theirs = self._said[room]
        theirs[theirs.index(said)] = replace(said, text=text)
        self.done["edit"] += 1

    async def _delete(self, room: str, said: Said) -> None:
        if said.answered:
            return
        if room == "matrix":
            self._said[room].remove(said)
            await self.whole.matrix.redact(self.whole.member(said.person), said.id)
        elif self.whole.bot.running:
            self._said[room].remove(said)
            place = self.whole.rooms[room]
            place.workspace.delete(place.channel, said.id)
        else:
            return
        self.done["delete"] += 1

    async def _react(self, person: str, room: str) -> None:
        home = self.random.choice([room, room, *self.whole.rooms, "matrix"])
        theirs = self._said.get(home, [])
        if not theirs:
            return
        about = self.random.choice(theirs)
        seen = await self._copy(room, about)
        name = self.random.choice(list(EMOJI))
        if seen is None or (room, seen.id, name) in self._reacted:
            return
        if room == "matrix":
            member = self.whole.member(person)
            made = await self.whole.matrix.react(member, seen.id, EMOJI[name])
            self._reacted[room, seen.id, name] = f"{person}/{made}"
        else:
            place = self.whole.rooms[room]
            place.workspace.react(place.channel, seen.id, place.people[person], name)
            self._reacted[room, seen.id, name] = person
        self.done["react"] += 1

    async def _unreact(self, room: str) -> None:
        theirs = [key for key in self._reacted if key[0] == room]
        if not theirs or (room != "matrix" and not self.whole.bot.running):
            return
        key = self.random.choice(theirs)
        _, message, name = key
        who = self._reacted.pop(key)
        if room == "matrix":
            person, _, made = who.rpartition("/")
            await self.whole.matrix.redact(self.whole.member(person), made)
        else:
            place = self.whole.rooms[room]
            if message not in place.workspace.world.channels[place.channel].messages:
                return
            place.workspace.unreact(place.channel, message, place.people[who], name)
        self.done["unreact"] += 1
