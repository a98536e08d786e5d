"""One short name for all that the settings say: the same settings, the same name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr

from config.settings import Settings


def fingerprint(settings: Settings) -> str:
    """SHA-256, in hex, over everything in the settings but secrets and where their file lies.

    Of a secret it says whether there is one: a new token is the same configuration.
    """
    said = {
        each.name: getattr(settings, each.name)
        for each in dataclasses.fields(settings)
        if each.name != "path"
    }
    said["accounts"] = {name: own for name, (_, own) in settings.accounts.items()}
    text = json.dumps(_plain(said), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON has it, the same in every run: sets have no order of their own."""
    match value:
        case SecretStr():
            return "(secret)"
        case BaseModel():
            return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case Enum():
            return value.name
        case set() | frozenset():
            return sorted((_plain(each) for each in value), key=json.dumps)
        case tuple() | list():
            return [_plain(each) for each in value]
        case timedelta():
            return value.total_seconds()
        case None | bool() | int() | float() | str():
            return value
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)
            }
        case _:
            return str(value)
