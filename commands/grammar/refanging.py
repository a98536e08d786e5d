"""Undoing what makes an argument harmless to look at: defanging, and a network's own links."""

from __future__ import annotations

import re

# RFC 3490, 3.1: these three are dots wherever a domain name is read.
_DOTS = str.maketrans("\uff0e\u3002\uff61", "...")
# The run of brackets is taken whole and from its first, so that the work stays linear in the
# text and nothing is left over that a second reading would undo.
_BRACKETED = re.compile(
    r"(?<![\[({])[\[({]++(?P<inside>\.|dot|@|at|:|://|/)[\])}]++",
    re.IGNORECASE | re.ASCII,
)
_SCHEME = re.compile(
    r"(?<![A-Za-z0-9])(?:h(?:xx|\*\*)p(?P<s>s?)|fxp)(?=:/)", re.IGNORECASE | re.ASCII
)
_SAID = {"dot": ".", "at": "@"}

_LINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*:[^<>|]*)(?:\|([^<>]*))?>")
_UNSHOWN = re.compile(r"\A(?:mailto|tel):")


def refang(text: str) -> str:
    """An argument as it is meant: `hxxps[:]//bad[.]example` is `https://bad.example`.

    Undoes the styles that everybody uses: hxxp, h**p and fxp; `.`, `@`, `:`, `://` and `/` in
    brackets of any kind; `[dot]` and `[at]`; full-width dots. Doing it twice changes nothing.
    """
    text = text.translate(_DOTS)
    for _ in range(2):  # `(:[/]/)` becomes `(://)`, which is itself one of them; no other does
        text = _BRACKETED.sub(_unbracketed, text)
    return _SCHEME.sub(lambda m: "ftp" if m["s"] is None else "http" + m["s"].lower(), text)


def _unbracketed(found: re.Match[str]) -> str:
    inside = found["inside"].lower()
    return _SAID.get(inside, inside)


def unlink(text: str) -> str:
    """What was typed, from text in which the network marked links and escaped `&`, `<`, `>`.

    `<http://x.example|x.example>` was typed `x.example`; `<mailto:a@b>` was typed `a@b`. Mentions
    (`<@…>`, `<#…>`, `<!…>`) stay. Source: Slack, "Formatting text for app surfaces".
    """
    text = _LINK.sub(lambda m: m[2] or _UNSHOWN.sub("", m[1]), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
