"""A TAXII 2.1 server: what a team may see, for that team's own platform. It is only read.

Every account (`[publish.NAME]`) finds the same addresses, and behind them its team's collection.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.orm import Session

from bot.indicators.shelf import MOST, Shelved, Wanted, page
from bot.indicators.sight import Sight
from bot.indicators.stix.times import microseconds, timestamp
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.web.accounts import Account, account_of

MEDIA = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version="
ROOT = "/taxii2/liaison/"
_SPACE = uuid.UUID("0b9ad1f3-54cb-5be3-8d45-d9f3f76dd0f6")
_ACCEPTED = {"*/*", "application/*", "application/taxii+json", MEDIA}
_FIRST, _LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"
_encode = msgspec.json.Encoder().encode


class _Refusal(Exception):
    """A TAXII error (2.1, 3.6.1)."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title


Page = Callable[[web.Request, Account], Awaitable[web.StreamResponse]]


class Publisher:
    """What is answered below `/taxii2/`. `sight`: what a team may see, as of now."""

    def __init__(
        self,
        database: Database,
        accounts: Mapping[str, Account],
        sight: Callable[[TeamKey], Sight],
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sight = sight

    def routes(self) -> list[web.RouteDef]:
        """Every address that there is; none where nobody may read."""
        if not self._accounts:
            return []
        collection = f"{ROOT}collections/{{collection}}/"
        pages: dict[str, Page] = {
            "/taxii2/": self._discovery,
            ROOT: self._root,
            f"{ROOT}collections/": self._collections,
            collection: self._collection,
            f"{collection}objects/": self._objects,
            f"{collection}manifest/": self._manifest,
            f"{collection}objects/{{object}}/": self._objects,
            f"{collection}objects/{{object}}/versions/": self._versions,
        }
        return [
            web.route("*", address, self._guarded(answer))
            for path, answer in pages.items()
            for address in (path, path.rstrip("/"))
        ]

    def _guarded(self, answer: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                account = self._account(request)
                _look_at_method(request)
                return await answer(request, account)
            except _Refusal as error:
                told = {"title": error.title, "http_status": str(error.status)}
                response = _answer(told, status=error.status)
                if error.status == 401:
                    response.headers["WWW-Authenticate"] = 'Basic realm="Liaison", Bearer'
                return response

        return guarded

    def _account(self, request: web.Request) -> Account:
        """Whoever has a token."""
        found = account_of(self._accounts, request.headers.get("Authorization", ""))
        if found is None:
            raise _Refusal(401, "expected the token of an account, as a bearer or as a password")
        return found

    async def _discovery(self, _request: web.Request, _account: Account) -> web.Response:
        return _answer({"title": "Liaison", "default": ROOT, "api_roots": [ROOT]})

    async def _root(self, _request: web.Request, _account: Account) -> web.Response:
        told = {"title": "Liaison", "versions": [MEDIA], "max_content_length": 1024}
        return _answer(told)

    async def _collections(self, _request: web.Request, account: Account) -> web.Response:
        return _answer({"collections": [_described(account)]})

    async def _collection(self, request: web.Request, account: Account) -> web.Response:
        _look_at(request, account)
        return _answer(_described(account))

    async def _objects(self, request: web.Request, account: Account) -> web.Response:
        found, told = await self._page(request, account)
        objects = [msgspec.Raw(each.content) for each in found]
        return _answer(told | ({"objects": objects} if objects else {}), found)

    async def _manifest(self, request: web.Request, account: Account) -> web.Response:
        found, told = await self._page(request, account)
        listed = [
            {
                "id": each.id,
                "date_added": timestamp(each.added),
                "version": each.version,
                "media_type": f"{STIX}{each.spec}",
            }
            for each in found
        ]
        return _answer(told | ({"objects": listed} if listed else {}), found)

    async def _versions(self, request: web.Request, account: Account) -> web.Response:
        found, told = await self._page(request, account)
        versions = [each.version for each in found]
        return _answer(told | ({"versions": versions} if versions else {}), found)

    async def _page(
        self, request: web.Request, account: Account
    ) -> tuple[list[Shelved], dict[str, Any]]:
        _look_at(request, account)
        wanted, sight = _wanted(request), self._sight(account.team)

        def read(session: Session) -> tuple[list[Shelved], bool, bool]:
            found, more = page(session, sight, wanted)
            one = Wanted(ids=wanted.ids) if "object" in request.match_info else None
            return found, more, bool(one is None or found or page(session, sight, one)[0])

        found, more, is_there = await self._database.read(read)
        if not is_there:
            raise _Refusal(404, "there is no such object")
        return found, ({"more": True, "next": found[-1].place} if more else {"more": False})


def _look_at_method(request: web.Request) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise _Refusal(403, "this is only read")
    if not _accepts(request.headers.get("Accept", "*/*")):
        raise _Refusal(406, f"expected to be asked for {MEDIA}")


def collection_of(account: Account) -> str:
    """The id of what an account reads."""
    return str(uuid.uuid5(_SPACE, account.team))


def _described(account: Account) -> dict[str, Any]:
    return {
        "id": collection_of(account),
        "title": "Liaison",
        "description": "What the allies say, as far as this team may see it",
        "can_read": True,
        "can_write": False,
        "media_types": [f"{STIX}2.1", f"{STIX}2.0"],
    }


def _look_at(request: web.Request, account: Account) -> None:
    if request.match_info["collection"] != collection_of(account):
        raise _Refusal(404, "there is no such collection")


def _wanted(request: web.Request) -> Wanted:
    """Raises `_Refusal` for filters that cannot be read."""
    query = request.query
    after, limit = query.get("added_after"), query.get("limit", str(MOST))
    moment = None if after is None else microseconds(after)
    if after is not None and moment is None:
        raise _Refusal(400, "expected added_after as 2026-03-04T14:30:00.000000Z")
    if not (limit.isascii() and limit.isdigit() and int(limit[:9]) > 0):
        raise _Refusal(400, "expected limit as a whole number, one or more")
    beyond = query.get("next", "")
    if beyond and not _is_place(beyond):
        raise _Refusal(400, "expected next as it was given")
    own = request.match_info.get("object")
    ids = _listed(query.get("match[id]")) if own is None else [own]
    versions = _listed(query.get("match[version]"))
    if {"all", "first", "last"} & set(versions):
        versions = []
    return Wanted(
        moment, beyond, ids, _listed(query.get("match[type]")),
        _listed(query.get("match[spec_version]")), versions, min(int(limit[:9]), MOST),
    )  # fmt: skip


def _is_place(text: str) -> bool:
    moment, dash, rest = text.partition("-")
    return bool(dash) and moment.isascii() and moment.isdigit() and len(moment) < 19 and rest != ""


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _accepts(accept: str) -> bool:
    kinds = (each.split(";q=")[0].replace(" ", "").lower() for each in accept.split(","))
    return any(each in _ACCEPTED for each in kinds)


def _answer(
    told: Mapping[str, Any], found: list[Shelved] | None = None, *, status: int = 200
) -> web.Response:
    headers = {"Content-Type": MEDIA, "Cache-Control": "no-store"}
    if found:
        headers[_FIRST] = timestamp(found[0].added)
        headers[_LAST] = timestamp(found[-1].added)
    return web.Response(body=_encode(told), status=status, headers=headers)
