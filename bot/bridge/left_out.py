"""What was missed and is too much, or too long ago, to be brought over: one line that says so."""

from __future__ import annotations

from datetime import datetime

from bot.bridge.places import Scene
from bot.events import LeftOut, Manner, Outgoing, Post
from bot.richtext import say
from bot.words.times import moment


def tell(event: LeftOut, scene: Scene, now: datetime) -> list[Outgoing]:
    """A line for the other rooms."""
    post = Post(say(_text(event, scene, now)), manner=Manner.NOTICE)
    return [Outgoing(room, post) for room in scene.channel.others(event.room)]


def _text(event: LeftOut, scene: Scene, now: datetime) -> str:
    told = {
        "room": event.room,
        "since": moment(scene.words, event.since, now),
        "until": moment(scene.words, event.until, now),
    }
    if not event.count:
        return scene.words(
            "What was said in {room} from {since} to {until} was not brought over.", **told
        )
    if event.more:
        return scene.words.count(
            "More than {n} message in {room}, from {since} to {until}, was not brought over.",
            "More than {n} messages in {room}, from {since} to {until}, were not brought over.",
            event.count,
            **told,
        )
    return scene.words.count(
        "{n} message in {room}, from {since} to {until}, was not brought over.",
        "{n} messages in {room}, from {since} to {until}, were not brought over.",
        event.count,
        **told,
    )
