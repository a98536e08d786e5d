# ruff: noqa: E501, Q003, RUF001  tables; signs that look like others are what this is about
"""Texts made to take long, by their size in characters."""

from __future__ import annotations

import random
from collections.abc import Callable

_HEX = "0123456789abcdef"


def _repeated(piece: str) -> Callable[[int], str]:
    return lambda size: (piece * (size // len(piece) + 1))[:size]


def _digits(size: int) -> str:
    return "".join(random.Random(1).choices(_HEX, k=size))


def _noise(size: int) -> str:
    signs = "ab1.:/@\\[]()<>{}-_%#\"' hxtp\n\u200b．"
    return "".join(random.Random(2).choices(signs, k=size))


HOSTILE: dict[str, Callable[[int], str]] = {
    "digits": _digits,
    "noise": _noise,
    **{
        piece[:24]: _repeated(piece)
        for piece in (
            "a.", "a", "1.", "1.1.1.1-", "a-", "a@", "@", "a@a.", "[", "[.]", "(((((", "[[]", "<", "<http:",
            "<http://a|", "://", "http://", "http://-", "http://a", "http://%", "hxxp", "h", "h**p[:]//",
            ":", "::", "a:", "1:", "1:2:", "3:aaaaaaaa:", "ab:", "-", "00-", "\\", "\\\\a", "\\\\a\\", "C:\\",
            "C:\\a ", "C:\\a a a a a a\\", "%a%\\", "HKLM\\", "HKLM\\a ", "/tmp", "/tmp/", "~/", "/", "a/",
            "\\.", "a\\.", "a[.", "a.]", " [dot] ", " dot ", "CVE-", "CVE-2024-", "AS1", "T1059.",
            "mutex:", "ja3:", "0x", "bc1q", "1A", "4A", "é", "。", "．a", "\u200b", "例", "例.", "a例",
            "xn--", "xn--a.", "\n", " ", "\"", "'", "`", "\x00", "\ud800", "😀.", "version ", "version 1.1.1.1 ",
            "=", "a=", "+/", "==", "www.", ".com", "a.com ", "a.example/", "http://a.example/?", "\u0300",
        )
    },
}  # fmt: skip
