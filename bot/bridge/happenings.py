"""What happens to a room: its topic, its pins, who comes and goes."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import denials, links
from bot.bridge.denials import Denial
from bot.bridge.names import LONGEST
from bot.bridge.places import Scene
from bot.custody.effective import stored_marked
from bot.custody.gatekeeper import Judged, Own
from bot.events import (
    Author,
    Content,
    Manner,
    Moved,
    Outgoing,
    Pinned,
    Post,
    RoomId,
    Topic,
    TopicChanged,
)
from bot.platforms.authors import label
from bot.richtext import say
from bot.store.tables import Outbox

_decode = msgspec.json.Decoder(Content).decode


def change_topic(session: Session, event: TopicChanged, scene: Scene) -> list[Outgoing]:
    """The topic for the other rooms, unless it is the one that was relayed last."""
    own = scene.custody.own(scene.channel.name, event.author, say(event.topic), (), event.said)
    effective = scene.custody.markings.effective(own.marked)
    judged = scene.custody.judge(effective, scene.channel.others(event.room))
    told = _told(event, own, judged, scene)
    marked = stored_marked(own.marked)
    if event.purpose:
        text = _purpose(session, event, scene)
        return [*(_line(room, text, marked) for room in judged.may), *told]
    if event.topic == _last_topic(session, scene.channel.rooms):
        return []
    return [
        *(
            Outgoing(room, Topic(event.topic), matter=marked)
            if scene.places.able(room).topics
            else _line(room, _topic(session, event, scene), marked)
            for room in judged.may
        ),
        *told,
    ]


def pin(session: Session, event: Pinned, scene: Scene) -> list[Outgoing]:
    """A line that says so, as an answer to the message that was pinned."""
    name = _named(session, event.author, scene)
    if event.pinned:
        text = scene.words("{name} pinned a message.", name=name)
    else:
        text = scene.words("{name} unpinned a message.", name=name)
    about = links.origin(session, event.room, event.message)
    return _lines(event, scene, text, about)


def move(session: Session, event: Moved, scene: Scene) -> list[Outgoing]:
    """A line that says who came or went; nothing where nobody is to be named."""
    if scene.channel.chatham_house:
        return []
    name = _named(session, event.author, scene)
    if event.joined:
        text = scene.words("{name} joined.", name=name)
    else:
        text = scene.words("{name} left.", name=name)
    return _lines(event, scene, text)


def _lines(
    event: Pinned | Moved, scene: Scene, text: str, about: int | None = None
) -> list[Outgoing]:
    """A line of ours that is marked like what bears no label."""
    usual = scene.custody.usual(scene.channel.name, event.author, event.said)
    judged = scene.custody.judge(
        scene.custody.markings.effective(usual), scene.channel.others(event.room)
    )
    return [_line(room, text, stored_marked(usual), about) for room in judged.may]


def _told(event: TopicChanged, own: Own, judged: Judged, scene: Scene) -> list[Outgoing]:
    """What the one hears who said it, where it may not go everywhere."""
    if not judged.denied or event.author.bot:
        return []
    doubt = own.written.doubt
    advice = denials.advice(
        scene.words, floor=None, doubtful=None if doubt is None else doubt.nearest, inherits=False
    )
    label = judged.effective.marking.label
    denial = Denial(None, event.room, event.author.person, label, judged.denied, judged.may, advice)
    return [denials.tell(denial, scene.custody.markings.directory, scene.words)]


def _topic(session: Session, event: TopicChanged, scene: Scene) -> str:
    name = _named(session, event.author, scene)
    if not event.topic:
        return scene.words("{name} cleared the topic.", name=name)
    return scene.words("{name} changed the topic: {topic}", name=name, topic=event.topic)


def _purpose(session: Session, event: TopicChanged, scene: Scene) -> str:
    name = _named(session, event.author, scene)
    if not event.topic:
        return scene.words("{name} cleared what the room is for.", name=name)
    return scene.words("{name} changed what the room is for: {topic}", name=name, topic=event.topic)


def _named(session: Session, author: Author, scene: Scene) -> str:
    return label(scene.introduced(session, author), LONGEST)


def _line(room: RoomId, text: str, marked: str, about: int | None = None) -> Outgoing:
    return Outgoing(room, Post(say(text), manner=Manner.NOTICE), about=about, matter=marked)


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
