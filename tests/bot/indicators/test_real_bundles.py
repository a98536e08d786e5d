"""Bundles of real vendors, imported: every object is accounted for, and given back as it came."""

from __future__ import annotations

import json
from collections import Counter

import msgspec

from bot.indicators.importing import import_now
from bot.indicators.raw import Asking
from bot.indicators.reading import read_file
from bot.indicators.stretches import remembered
from bot.store.database import Database
from tests.bot.indicators.stix.plain import needs_real_data, real_data
from tests.indicators import NOW, feed

_ASIDE = "SELECT count(*) FROM indicator_quarantine"
_RAWS = "SELECT raw FROM indicator_raw"


@needs_real_data
def test_every_object_of_every_bundle_is_accounted_for(database: Database) -> None:
    folder = real_data()
    assert folder is not None
    given: Counter[bytes] = Counter()
    for again in (False, True):
        for file in sorted(folder.glob("*.json")):
            objects = json.loads(file.read_bytes())["objects"]
            with file.open("rb") as stream:
                known = database.read_now(lambda s: remembered(s, feed()))
                counts = import_now(database, feed(), read_file(stream, known), lambda: NOW)
            aside = counts.quarantined.total()
            assert counts.total == len(objects), file.name
            assert counts.unchanged + aside == len(objects) or not again, file.name
            if not again:
                content = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
                given.update(
                    map(bytes, msgspec.json.decode(content["objects"], type=list[msgspec.Raw]))
                )
    held = Counter(bytes(raw) for (raw,) in database.read_now(lambda s: Asking(s).rows(_RAWS)))
    ((set_aside,),) = database.read_now(lambda s: Asking(s).rows(_ASIDE))
    assert not held - given, "what is held is held byte for byte"
    assert (given - held).total() == set_aside
