"""A provider of CSAF on loopback, as a test wants it."""

from __future__ import annotations

import json
from hashlib import sha256, sha512
from typing import Any

from bot.advisories.sources.feed import Feed
from bot.advisories.sources.gathered import Gathered
from bot.advisories.sources.polling import gather
from bot.feeds.fetching import Way
from bot.feeds.standing import Remembered
from tests.bot.feeds.far_side import FarSide

WAY = Way(most=20_000_000, total=60.0, idle=30.0)
METADATA = "/.well-known/csaf/provider-metadata.json"


class Publisher:
    """Puts documents, their hashes and signatures, and its lists onto a far side."""

    def __init__(self, side: FarSide) -> None:
        self.side = side
        self.entries: list[dict[str, Any]] = []

    def puts(
        self, name: str, content: bytes, updated: str = "2026-03-01T08:00:00Z", **more: str
    ) -> str:
        """A document with its hashes; `more`: other links of its entry."""
        path = f"/csaf/2026/{name}.json"
        self.side.says(path, content, "application/json")
        self.side.says(f"{path}.sha512", f"{sha512(content).hexdigest()}  {name}.json")
        self.side.says(f"{path}.sha256", f"{sha256(content).hexdigest()}  {name}.json")
        links = {"self": path, "hash": f"{path}.sha512"} | more
        self.entries = [each for each in self.entries if each["id"] != name]
        self.entries.append(
            {
                "id": name,
                "updated": updated,
                "link": [{"rel": rel, "href": self.side.url + to} for rel, to in links.items()],
                "content": {"src": self.side.url + path},
            }
        )
        return path

    def lists(self, label: str = "WHITE", **more: Any) -> str:
        """Metadata, and a ROLIE feed of all that was put; the address of the metadata."""
        feed = json.dumps({"feed": {"id": "all", "entry": self.entries}})
        self.side.says("/csaf/feed.json", feed, "application/json", ETag=f'"{hash(feed)}"')
        rolie = {"feeds": [{"url": f"{self.side.url}/csaf/feed.json", "tlp_label": label}]}
        meta = {"distributions": [{"rolie": rolie}]} | more
        self.side.says(METADATA, json.dumps(meta), "application/json")
        return self.side.url + METADATA

    def keeps_directory(self, **changed: str) -> str:
        """A directory of all that was put; `changed`: dates said otherwise."""
        rows = [
            f'"2026/{each["id"]}.json","{changed.get(each["id"], each["updated"])}"'
            for each in self.entries
        ]
        self.side.says("/csaf/changes.csv", "\n".join(rows), "text/csv")
        names = "\n".join(f"2026/{each['id']}.json" for each in self.entries)
        self.side.says("/csaf/index.txt", names)
        return f"{self.side.url}/csaf/"


async def reading(url: str, remembered: Remembered | None = None, form: Any = "csaf") -> Gathered:
    """One reading of what is there."""
    return await gather(Feed("acme", form, url=url), WAY, remembered or Remembered())
