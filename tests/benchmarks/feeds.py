"""Feeds read from a server on loopback: TAXII, STIX, MISP, CSV; how fast, and in what memory."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.indicators.feeds.taxii import ACCEPT
from tests.benchmarks.bundles import write_bundle
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it
from tests.bot.feeds.far_side import FarSide, far_side
from tests.bot.indicators.feeds.test_misp import attribute, event, uuid

_PAGE = 1000
_ATTRIBUTES = 100
"""Of a MISP event."""


def feeds(size: Size) -> list[Figure]:
    """One feed of each form."""
    with folder_for_it() as folder:
        write_bundle(folder / "bundle.json", count=size.listed)
        text = (folder / "bundle.json").read_bytes()
        return [
            asyncio.run(_read(folder, "taxii", lambda side: _taxii(side, text), _of_json(text))),
            asyncio.run(_read(folder, "stix", lambda side: _stix(side, text), _of_json(text))),
            asyncio.run(_read(folder, "misp", lambda side: _misp(side, size.listed), None)),
            asyncio.run(_read(folder, "csv", lambda side: _csv(side, size.listed), _of_csv(size))),
        ]


async def _read(
    folder: Path, form: str, tell: Callable[[FarSide], str], reference: tuple[str, float] | None
) -> Figure:
    async with far_side() as side:
        url = f"{side.url}{tell(side)}"
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.feed_reading",
            f"sqlite:///{folder}/{form}.db", form, url,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await child.communicate()
    told = json.loads(out.splitlines()[-1])
    (count, clock, processor), (again, clock_again, _) = told["rounds"]
    beside = "" if reference is None else f"{reference[0]} {reference[1]:,.0f} a second"
    return Figure(
        f"A {form} feed of {count:,} objects, read for the first time", "",
        f"{count / clock:,.0f} objects a second ({count / processor:,.0f} of its processor); "
        f"{told['peak']:.0f} MB at most, {told['before']:.0f} MB before; read again "
        f"{clock_again:.2f} s for {again:,} objects",
        beside,
        "From the request to the commit of the last object, in a process of its own, with the "
        "pauses that it makes for the relay; the server is another process.",
    )  # fmt: skip


def _taxii(side: FarSide, text: bytes) -> str:
    """A collection in pages of a thousand."""
    objects = _lines(text)

    async def answer(request: web.Request) -> web.StreamResponse:
        start = int(request.query.get("next", "0"))
        after = request.query.get("added_after", "")
        first = int(after[20:26]) + 1 if after and not start else start
        page = objects[first : first + _PAGE]
        more = first + len(page) < len(objects)
        head = b'{"more":true,"next":"%d",' % (first + _PAGE) if more else b'{"more":false,'
        added = {"X-TAXII-Date-Added-Last": _moment(first + len(page) - 1)} if page else {}
        body = head + b'"objects":[' + b",".join(page) + b"]}"
        return web.Response(body=body, headers={"Content-Type": ACCEPT} | added)

    side.answers["/api/collections/x/objects/"] = answer
    return "/api/collections/x/"


def _moment(number: int) -> str:
    return f"2026-03-01T00:00:00.{number:06d}Z"


def _stix(side: FarSide, text: bytes) -> str:
    side.says("/bundle.json", text, "application/json")
    return "/bundle.json"


def _misp(side: FarSide, count: int) -> str:
    """Events of a hundred attributes: at most the five hundred that one round fetches."""
    names = [uuid(900_000 + number) for number in range(min(count // _ATTRIBUTES, 500))]
    listed = {name: {"timestamp": "1"} for name in names}
    side.says("/misp/manifest.json", json.dumps(listed), "application/json")
    for number, name in enumerate(names):
        first = number * _ATTRIBUTES
        some = [attribute(each, "ip-dst", _address(each))
                for each in range(first, first + _ATTRIBUTES)]  # fmt: skip
        told: dict[str, Any] = json.loads(event(*some))
        told["Event"]["uuid"] = name
        side.says(f"/misp/{name}.json", json.dumps(told), "application/json")
    return "/misp/"


def _csv(side: FarSide, count: int) -> str:
    side.says("/list.csv", _table(count), "text/csv")
    return "/list.csv"


def _table(count: int) -> str:
    return "ip,seen,port\n" + "".join(f"{_address(n)},2026-03-01,443\n" for n in range(count))


def _address(number: int) -> str:
    return f"{1 + number // 65_536 % 200}.{number // 256 % 256}.{number % 256}.7"


def _lines(text: bytes) -> list[bytes]:
    """The objects, each as it stands on its line."""
    return [line.rstrip(b",") for line in text.removesuffix(b"]}\n").split(b"\n")[1:]]


def _of_json(text: bytes) -> tuple[str, float]:
    return "json.loads alone", _rate(lambda: len(json.loads(text)["objects"]))


def _of_csv(size: Size) -> tuple[str, float]:
    table = _table(size.listed)
    return "csv.reader alone", _rate(lambda: sum(1 for _ in csv.reader(io.StringIO(table))))


def _rate(run: Callable[[], int]) -> float:
    begun = time.process_time()
    return run() / (time.process_time() - begun)
