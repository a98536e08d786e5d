"""A delivery as a request: pure."""

from __future__ import annotations

from typing import Any

from bot.errors import Refused
from bot.events import Answer, Delivery, Post, local
from bot.platforms.twins import with_twins
from bot.richtext import plain


def request(delivery: Delivery) -> dict[str, Any]:
    """The request that carries a delivery out; `Refused` for what the server cannot do."""
    common = {"do": "post", "room": local(delivery.room), "delivery": delivery.id}
    match delivery.content:
        case Post(body, author, controls=controls):
            text = plain(with_twins(body, controls))
            return {**common, "text": text, "by": author.name if author else ""}
        case Answer(person, body, controls=controls):
            text = plain(with_twins(body, controls))
            return {**common, "text": text, "by": "", "to": local(person)}
        case _:  # lines stay as they are, and are all that there is
            raise Refused("not_here")
