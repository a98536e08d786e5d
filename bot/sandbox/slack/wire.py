"""JSON in and out, fast where it is well-formed and still possible where it is not."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """JSON in UTF-8; lone surrogates go out as escapes, as they came."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def decode(body: bytes | str) -> Any:
    """What JSON says, lone surrogates replaced; raises ValueError where it is none."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        text = json.dumps(json.loads(body), ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
