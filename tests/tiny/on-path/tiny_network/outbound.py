"""A delivery as a request: pure."""

from __future__ import annotations

from typing import Any

from bot.events import Answer, Delivery, Post, local
from bot.richtext import plain


def request(delivery: Delivery) -> dict[str, Any]:
    """The request that carries a delivery out."""
    common = {"do": "post", "room": local(delivery.room), "delivery": delivery.id}
    match delivery.content:
        case Post(body, author):
            return {**common, "text": plain(body), "by": author.name if author else ""}
        case Answer(person, body):
            return {**common, "text": plain(body), "by": "", "to": local(person)}
        case content:
            return {**common, "text": content.emoji, "by": "", "to": "nobody"}
