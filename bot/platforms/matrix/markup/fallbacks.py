"""What clients put before a reply for those that cannot show replies, and how it is removed."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"> (?:\* )?<[^>\n]{1,300}>")
_REPLY = re.compile(r"<mx-reply(?=[\s/>])", re.IGNORECASE)
_REPLY_END = re.compile(r"</mx-reply\s*+>", re.IGNORECASE)


def without_quote(body: str) -> str:
    """A reply's body without the quotation that older clients put before it.

    As the specification's section on rich replies (before 1.13) has it: lines that begin with
    `> `, the first of them naming the person, then an empty line.
    """
    if not _QUOTED.match(body):
        return body
    lines = body.split("\n")
    first = next((n for n, line in enumerate(lines) if not line.startswith(">")), len(lines))
    rest = lines[first + 1 :] if first < len(lines) and not lines[first] else lines[first:]
    return "\n".join(rest)


def without_reply(source: str) -> str:
    """HTML without the quotation before a reply (`mx-reply`, rich replies before 1.13).

    One that is never closed is none: what it would hold was said.
    """
    if not _REPLY.search(source):
        return source
    kept, position = [], 0
    while (start := _REPLY.search(source, position)) is not None:
        end = _REPLY_END.search(source, start.end())
        if end is None:
            break
        kept.append(source[position : start.start()])
        position = end.end()
    return "".join(kept) + source[position:]
