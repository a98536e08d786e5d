"""Whether an object names each of its fields once. JSON does not say which of two counts."""

from __future__ import annotations

import json
import re
from typing import Any

_MATTER = re.compile(
    rb'"(?:id|type|modified|created|pattern|revoked|object_marking_refs|granular_markings)"'
)


def is_unique(raw: bytes) -> bool:
    """Whether no key that matters stands twice in one object. What cannot be a double is not read:
    a name that occurs once, and no letter of which is written as an escape. Raises RecursionError.
    """
    if b"\\" not in raw or b"\\u00" not in raw:
        found = _MATTER.findall(raw)
        if len(found) == len(set(found)):
            return True
    try:
        json.loads(raw, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _Twice:
        return False
    except ValueError:
        return True  # of which something else is wrong
    return True


class _Twice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found
