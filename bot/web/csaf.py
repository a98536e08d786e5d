"""Advisories for an ally's own platform, below `/csaf/`: as CSAF 2.1, with what leads to it (CSAF
2.1, chapter 7), as Markdown and as PDF. It is only read.

Every account (`[publish.NAME]`) finds the same addresses, and behind them what its team may read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256, sha512
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.orm import Session

from bot.advisories.publishing import shelf
from bot.advisories.publishing.csaf import csaf_of
from bot.advisories.publishing.edition import Edition, Publisher, folder_of, label_of, moment
from bot.advisories.publishing.pdf import pdf_of
from bot.advisories.publishing.texts import markdown_of
from bot.custody.effective import Markings
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.web.accounts import CHALLENGE, Account, account_of
from bot.words import Words

ROOT = "/csaf/"
PROVIDER = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"
_LABELS = tuple(label for label in Label if label is not Label.RED)
_ENDINGS = {
    ".json": "application/json",
    ".sha256": "text/plain; charset=utf-8",
    ".sha512": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
}
_HASHES = {".sha256": sha256, ".sha512": sha512}
_PRIVATE = "private, no-cache"
_encode = msgspec.json.Encoder().encode

Page = Callable[[web.Request, Sequence[Edition]], Awaitable[web.Response]]


class Advisories:
    """What is answered below `/csaf/`. `markings`: what markings mean now; `publisher`: who we are,
    with the address that others reach us by.
    """

    def __init__(
        self,
        database: Database,
        accounts: Mapping[str, Account],
        markings: Callable[[], Markings],
        publisher: Publisher,
        words: Words,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._markings = markings
        self._publisher = publisher
        self._words = words

    def routes(self) -> list[web.RouteDef]:
        """Every address that there is; none where nobody may read."""
        if not self._accounts:
            return []
        pages: dict[str, Page] = {
            f"{ROOT}provider-metadata.json": self._metadata,
            f"{ROOT}{{label}}/feed.json": self._feed,
            f"{ROOT}{{label}}/index.txt": self._index,
            f"{ROOT}{{label}}/changes.csv": self._changes,
            f"{ROOT}{{label}}/{{year}}/{{file}}": self._file,
        }
        return [web.route("*", path, self._guarded(answer)) for path, answer in pages.items()]

    def _guarded(self, answer: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            account = account_of(self._accounts, request.headers.get("Authorization", ""))
            if account is None:
                return web.Response(status=401, headers={"WWW-Authenticate": CHALLENGE})
            if request.method not in {"GET", "HEAD"}:
                return web.Response(status=405, headers={"Allow": "GET, HEAD"})
            found = await self._database.read(lambda s: self._editions(s, account, request))
            return _validated(request, await answer(request, found))

        return guarded

    def _editions(self, session: Session, account: Account, request: web.Request) -> list[Edition]:
        """What the account's team may read; below a label what is labelled so, and for a file what
        it is of.
        """
        markings = self._markings()
        team = markings.directory.teams.get(account.team)
        if team is None:
            return []
        file = request.match_info.get("file")
        found = shelf.editions(
            session, markings, self._publisher, lambda row: shelf.may_read(row, team, markings),
            None if file is None else file.partition(".")[0],
        )  # fmt: skip
        name = request.match_info.get("label")
        return [each for each in found if name is None or each.label is label_of(name)]

    async def _metadata(self, _request: web.Request, found: Sequence[Edition]) -> web.Response:
        base = f"{self._publisher.namespace.rstrip('/')}{ROOT}"
        last = max((each.changed for each in found), default=None)
        updated = "1970-01-01T00:00:00Z" if last is None else moment(last)
        feeds, folders = [], []
        for label in _LABELS:
            if label is Label.CLEAR or any(each.label is label for each in found):
                name, folder = label.removeprefix("TLP:"), folder_of(label)
                feeds.append(
                    {
                        "last_updated": _last([e for e in found if e.label is label]),
                        "summary": f"All advisories that are {label}",
                        "tlp_label": name,
                        "url": f"{base}{folder}/feed.json",
                    }
                )
                directory = {"tlp_label": name, "url": f"{base}{folder}/"}
                folders.append({"directory": directory})
        told = {
            "$schema": PROVIDER,
            "canonical_url": f"{base}provider-metadata.json",
            "distributions": [{"rolie": {"feeds": feeds}}, *folders],
            "last_updated": updated,
            "list_on_CSAF_aggregators": False,
            "metadata_version": "2.1",
            "mirror_on_CSAF_aggregators": False,
            "publisher": {
                "category": "coordinator",
                "name": self._publisher.name,
                "namespace": self._publisher.namespace,
            },
            "role": "csaf_provider",
        }
        return _json(told)

    async def _feed(self, request: web.Request, found: Sequence[Edition]) -> web.Response:
        label = label_of(request.match_info["label"])
        if label is None or label is Label.RED:
            return web.Response(status=404)
        name = folder_of(label)
        base = f"{self._publisher.namespace.rstrip('/')}{ROOT}{name}/"
        feed = {
            "id": f"liaison-{name}",
            "title": f"Advisories that are {label}",
            "link": [{"rel": "self", "href": f"{base}feed.json"}],
            "category": [
                {"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}
            ],
            "updated": _last(found),
            "entry": [_entry(each, base) for each in found],
        }
        return _json({"feed": feed})

    async def _index(self, _request: web.Request, found: Sequence[Edition]) -> web.Response:
        return web.Response(text="".join(f"{each.year}/{each.file}.json\n" for each in found))

    async def _changes(self, _request: web.Request, found: Sequence[Edition]) -> web.Response:
        order = sorted(found, key=lambda each: each.changed, reverse=True)
        lines = (f"{each.year}/{each.file}.json,{moment(each.changed)}\n" for each in order)
        return web.Response(text="".join(lines), content_type="text/csv")

    async def _file(self, request: web.Request, found: Sequence[Edition]) -> web.Response:
        """A document, a hash of it, or its other forms."""
        name, year = request.match_info["file"], request.match_info["year"]
        for edition in found:
            if edition.year == year and name.startswith(f"{edition.file}."):
                rest = name.removeprefix(edition.file)
                content = await self._content(edition, rest)
                if content is not None:
                    kind = _ENDINGS[rest[rest.rindex(".") :]]
                    return web.Response(body=content, headers={"Content-Type": kind})
        return web.Response(status=404)

    async def _content(self, edition: Edition, ending: str) -> bytes | None:
        match ending:
            case ".json":
                return csaf_of(edition)
            case ".json.sha256" | ".json.sha512":
                digest = _HASHES[ending.removeprefix(".json")](csaf_of(edition)).hexdigest()
                return f"{digest}  {edition.file}.json\n".encode()
            case ".md":
                return markdown_of(edition, self._words).encode()
            case ".pdf":
                return await asyncio.to_thread(pdf_of, edition, self._words)
            case _:
                return None


def _entry(edition: Edition, base: str) -> dict[str, Any]:
    own = f"{base}{edition.year}/{edition.file}.json"
    links = {"self": own, "hash": f"{own}.sha512", "alternate": f"{own[:-5]}.pdf"}
    return {
        "id": edition.number,
        "title": edition.document.title,
        "link": [{"rel": rel, "href": href} for rel, href in links.items()],
        "published": moment(edition.released),
        "updated": moment(edition.changed),
        "summary": {"content": edition.document.title},
        "content": {"type": "application/json", "src": own},
        "format": {
            "schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
            "version": "2.1",
        },
    }


def _last(found: Sequence[Edition]) -> str:
    last = max((each.changed for each in found), default=None)
    return "1970-01-01T00:00:00Z" if last is None else moment(last)


def _json(told: Mapping[str, Any]) -> web.Response:
    return web.Response(body=_encode(told), content_type="application/json")


def _validated(request: web.Request, response: web.Response) -> web.Response:
    """With what tells the next time that nothing has changed; nobody between us may keep it."""
    body = response.body
    response.headers["Cache-Control"] = _PRIVATE
    if response.status != 200 or not isinstance(body, bytes):
        return response
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(
            status=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"}
        )
    response.headers["ETag"] = etag
    return response
