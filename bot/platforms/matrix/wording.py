"""The words of a message or a file as an event's content, with the name of who said them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from bot.events import AccountId, Author, File, FileKind, local
from bot.platforms.matrix import markup
from bot.platforms.matrix.attachments import file_name, mimetype
from bot.richtext import RichText

_KINDS = {
    FileKind.IMAGE: "m.image",
    FileKind.VIDEO: "m.video",
    FileKind.AUDIO: "m.audio",
    FileKind.VOICE: "m.audio",
    FileKind.FILE: "m.file",
}
_SHOWN = {"m.image": "image/", "m.video": "video/", "m.audio": "audio/"}
"""What a file's media type begins with that a client can show as such."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message's two bodies and what goes with them; `html` is None where `body` says all."""

    body: str
    html: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def content(self, kind: str) -> dict[str, Any]:
        """As the content of a message of this `msgtype`."""
        content: dict[str, Any] = {"msgtype": kind, "body": self.body, **self.more}
        if self.html is not None:
            content |= {"format": markup.HTML, "formatted_body": self.html}
        return content

    def bare(self) -> Words:
        """The same without HTML."""
        return replace(self, html=None)

    def after(self, mark: str) -> Words:
        """The same with a mark before it."""
        html = None if self.html is None else mark + self.html
        return replace(self, body=mark + self.body, html=html)

    def cut(self, length: int) -> Words:
        """The beginning of the plain body."""
        body = self.body if len(self.body) <= length else f"{self.body[:length]}…"
        return Words(body, None, self.more)


def worded(body: RichText, account: AccountId, author: Author | None = None) -> Words:
    """A tree as said by `author` (by the bot itself, if None) in a room of `account`."""
    written = markup.write(body, account)
    # `m.mentions` is there even though empty: without it clients look for names in the text
    mentions: dict[str, Any] = {}
    if written.mentioned:
        mentions["user_ids"] = list(written.mentioned)
    if written.pings_room:
        mentions["room"] = True
    return _said(written.body, written.html, author, {"m.mentions": mentions})


def file_content(file: File, author: Author | None, mxc: str) -> dict[str, Any]:
    """A file that lies at `mxc`, as the content of a message.

    Its description stands as its caption, which is the one place where every client shows it.
    """
    kind, media_type = _KINDS[file.kind], mimetype(file.mimetype)
    if media_type and not media_type.startswith(_SHOWN.get(kind, "")):
        kind = "m.file"
    name = file_name(file.name) or file.kind.value
    words = _said(markup.storable(file.alt).strip() or name, None, author, {"m.mentions": {}})
    content = words.content(kind) | {"filename": name, "url": mxc, "info": _info(file, media_type)}
    if file.kind is FileKind.VOICE and kind == "m.audio":
        content["org.matrix.msc3245.voice"] = {}  # MSC3245, under the name in use until merged
    return content


def _info(file: File, media_type: str) -> dict[str, Any]:
    told = {
        "mimetype": media_type or None,
        "size": file.size,
        "w": file.width,
        "h": file.height,
        "duration": None if file.seconds is None else int(file.seconds * 1000),
    }
    return {key: value for key, value in told.items() if value is not None}


def _said(text: str, html: str | None, author: Author | None, more: dict[str, Any]) -> Words:
    """Words with their author as a per-message profile, and its fallback for clients without.

    MSC4144, under the name that is in use until it is merged.
    """
    if author is None:
        return Words(text, html, more)
    name = markup.shown_name(author.name) or markup.shown_name(local(author.person))
    shown = f"<strong data-mx-profile-fallback>{markup.as_html(name)}: </strong>"
    html = markup.as_html(text) if html is None else html
    paragraph = "<p>" if html.startswith("<p>") else ""
    profile = {
        "id": hashlib.sha256(author.person.encode("utf-8", "replace")).hexdigest()[:16],
        "displayname": name,
        "has_fallback": True,
    }
    return Words(
        f"{name}: {text}",
        paragraph + shown + html.removeprefix(paragraph),
        {**more, "com.beeper.per_message_profile": profile},
    )
