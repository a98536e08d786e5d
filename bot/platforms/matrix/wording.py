"""The words of a message or a file as an event's content, with the name of who said them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import msgspec

from bot.events import AccountId, Author, File, FileKind, local
from bot.platforms.authors import label
from bot.platforms.matrix import markup
from bot.platforms.matrix.attachments import HIDDEN, Handle, Key, file_name, mimetype, mxc_parts
from bot.richtext import RichText

NO_PICTURES: Mapping[str, str] = MappingProxyType({})
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


def worded(
    body: RichText,
    account: AccountId,
    author: Author | None = None,
    pictures: Mapping[str, str] = NO_PICTURES,
) -> Words:
    """A tree as said by `author` (by the bot itself, if None) in a room of `account`.

    `pictures`: the `mxc://` addresses of emoji by `:name:`.
    """
    written = markup.write(body, account, pictures)
    # `m.mentions` is there even though empty: without it clients look for names in the text
    mentions: dict[str, Any] = {}
    if written.mentioned:
        mentions["user_ids"] = list(written.mentioned)
    if written.pings_room:
        mentions["room"] = True
    return _said(written.body, written.html, author, {"m.mentions": mentions})


def file_content(file: File, author: Author | None, placed: Handle) -> dict[str, Any]:
    """A file that lies on the homeserver, as the content of a message.

    Its description stands as its caption, which is the one place where every client shows it.
    """
    kind, media_type = _KINDS[file.kind], mimetype(file.mimetype)
    if media_type and not media_type.startswith(_SHOWN.get(kind, "")):
        kind = "m.file"
    name = file_name(file.name) or file.kind.value
    words = _said(markup.storable(file.alt).strip() or name, None, author, {"m.mentions": {}})
    where = {"url": placed.mxc} if placed.key is None else {"file": _locked(placed.mxc, placed.key)}
    content = words.content(kind) | {"filename": name, "info": _info(file, media_type), **where}
    if file.kind is FileKind.VOICE and kind == "m.audio":
        content["org.matrix.msc3245.voice"] = {}  # MSC3245, under the name in use until merged
    if file.hidden:
        content |= dict.fromkeys(HIDDEN, True)
    return content


def _locked(mxc: str, key: Key) -> dict[str, Any]:
    """An encrypted file (client-server API, `EncryptedFile`)."""
    return {
        "url": mxc,
        "v": "v2",
        "key": {
            "kty": "oct",
            "alg": "A256CTR",
            "ext": True,
            "key_ops": ["encrypt", "decrypt"],
            "k": key.key,
        },
        "iv": key.iv,
        "hashes": {"sha256": key.sha256},
    }


def _info(file: File, media_type: str) -> dict[str, Any]:
    told = {
        "mimetype": media_type or None,
        "size": file.size,
        "w": file.width,
        "h": file.height,
        "duration": None if file.seconds is None else int(file.seconds * 1000),
    }
    return {key: value for key, value in told.items() if value is not None}


def _named(author: Author) -> str:
    """The author with their team, as clients show it."""
    name = markup.shown_name(author.name) or markup.shown_name(local(author.person))
    known = msgspec.structs.replace(author, name=name)
    return markup.shown_name(label(known, markup.LONGEST_NAME))


def _said(text: str, html: str | None, author: Author | None, more: dict[str, Any]) -> Words:
    """Words with their author as a per-message profile, and its fallback for clients without.

    MSC4144, under the name that is in use until it is merged. Their picture is shown where it is
    the address of one on a homeserver.
    """
    if author is None:
        return Words(text, html, more)
    name = _named(author)
    shown = f"<strong data-mx-profile-fallback>{markup.as_html(name)}: </strong>"
    html = markup.as_html(text) if html is None else html
    paragraph = "<p>" if html.startswith("<p>") else ""
    profile: dict[str, Any] = {
        "id": hashlib.sha256(author.person.encode("utf-8", "replace")).hexdigest()[:16],
        "displayname": name,
        "has_fallback": True,
    }
    if mxc_parts(author.picture):
        profile["avatar_url"] = author.picture
    return Words(
        f"{name}: {text}",
        paragraph + shown + html.removeprefix(paragraph),
        {**more, "com.beeper.per_message_profile": profile},
    )
