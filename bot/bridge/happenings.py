"""What happens to a room: its topic, its pins, who comes and goes."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.bridge.places import Scene
from bot.events import Content, Manner, Moved, Outgoing, Pinned, Post, RoomId, Topic, TopicChanged
from bot.richtext import say
from bot.store.tables import Outbox

_decode = msgspec.json.Decoder(Content).decode


def change_topic(session: Session, event: TopicChanged, scene: Scene) -> list[Outgoing]:
    """The topic for the other rooms, unless it is the one that was relayed last."""
    if event.purpose:
        text = _purpose(event, scene)
        return [_line(room, text) for room in scene.channel.others(event.room)]
    if event.topic == _last_topic(session, scene.channel.rooms):
        return []
    return [
        Outgoing(room, Topic(event.topic))
        if scene.places.able(room).topics
        else _line(room, _topic(event, scene))
        for room in scene.channel.others(event.room)
    ]


def pin(session: Session, event: Pinned, scene: Scene) -> list[Outgoing]:
    """A line that says so, as an answer to the message that was pinned."""
    name = event.author.name
    if event.pinned:
        text = scene.words("{name} pinned a message.", name=name)
    else:
        text = scene.words("{name} unpinned a message.", name=name)
    about = links.origin(session, event.room, event.message)
    return [_line(room, text, about) for room in scene.channel.others(event.room)]


def move(event: Moved, scene: Scene) -> list[Outgoing]:
    """A line that says who came or went."""
    name = event.author.name
    if event.joined:
        text = scene.words("{name} joined.", name=name)
    else:
        text = scene.words("{name} left.", name=name)
    return [_line(room, text) for room in scene.channel.others(event.room)]


def _topic(event: TopicChanged, scene: Scene) -> str:
    name = event.author.name
    if not event.topic:
        return scene.words("{name} cleared the topic.", name=name)
    return scene.words("{name} changed the topic: {topic}", name=name, topic=event.topic)


def _purpose(event: TopicChanged, scene: Scene) -> str:
    name = event.author.name
    if not event.topic:
        return scene.words("{name} cleared what the room is for.", name=name)
    return scene.words("{name} changed what the room is for: {topic}", name=name, topic=event.topic)


def _line(room: RoomId, text: str, about: int | None = None) -> Outgoing:
    return Outgoing(room, Post(say(text), manner=Manner.NOTICE), about=about)


def _last_topic(session: Session, rooms: tuple[RoomId, ...]) -> str | None:
    """What was set last in any of the rooms, as far as its text is still kept."""
    newest = (
        select(Outbox.content)
        .where(Outbox.room.in_(rooms), Outbox.kind == "topic")
        .order_by(Outbox.seq.desc())
        .limit(1)
    )
    found = session.execute(newest).scalar()
    content = None if found is None else _decode(found)
    return content.text if isinstance(content, Topic) else None
