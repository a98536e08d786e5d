"""The tables about indicators and what goes on with them: feeds, publishing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from config.durations import Duration, parse_duration
from config.forms import Marking, Severity, Text
from config.mistakes import expected
from config.places import Person
from config.secrets import Secret
from config.sections import Certificates
from config.table import Table

_SOONEST = timedelta(minutes=1)
_EVERY = "expected a duration of a minute or more, as 15m, or a crontab, as 0 */6 * * *"


def _address(value: str) -> str:
    """Where something is fetched from; names and passwords have keys of their own."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not value.isprintable() or " " in value:
        raise expected("expected an address as https://feeds.example.org/indicators.json")
    if "@" in parts.netloc:
        raise expected("expected no name and password in it: write username and password beside it")
    return value


def _file(value: Any, info: ValidationInfo) -> Path:
    """A relative path starts at the file's folder; it need not be there yet."""
    name = str(value) if isinstance(value, str | Path) else ""
    if not name or not name.isprintable():
        raise expected("expected the path of a file or folder", value)
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / Path(name).expanduser()


def _schedule(value: Any) -> timedelta | str:
    if isinstance(value, timedelta):
        return value
    text = value if isinstance(value, str) else ""
    try:
        every = parse_duration(text)
    except ValueError:
        return _crontab(text, value)
    if every < _SOONEST:
        raise expected(_EVERY, value)
    return every


def _crontab(text: str, value: object) -> str:
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise expected(_EVERY, value) from None
    return text


def _one_letter(value: str) -> str:
    if len(value) != 1:
        raise expected('expected one character, as ";" or "\\t"')
    return value


Address = Annotated[Text, AfterValidator(_address)]
Kind = Literal[
    "ipv4", "ipv6", "cidr", "domain", "url", "email", "md5", "sha1", "sha256", "sha512", "ssdeep",
    "tlsh", "ja3", "imphash", "cve", "asn", "mac", "file-name", "file-path", "registry-key",
    "mutex", "bitcoin", "ethereum", "monero", "technique", "yara", "sigma",
]  # fmt: skip
"""The codes of `bot.indicators.observable.Kind`, which a test holds this to."""
Schedule = Annotated[timedelta | str, BeforeValidator(_schedule)]
"""How often, or a crontab of Unix meaning."""
Location = Annotated[Path, BeforeValidator(_file)]
"""Of a file or folder."""
Confidence = Annotated[int, Field(strict=True, ge=0, le=100)]
"""STIX 2.1, 3.2: 0 to 100."""
Column = Annotated[int, Field(strict=True, ge=0)] | Text
"""A column of a list: by its heading, or by its number from 0 where there are no headings."""


class Columns(Table):
    """Where what stands in a row of a list."""

    value: Column
    type: Column | None = None
    confidence: Column | None = None
    labels: Column | None = None
    name: Column | None = None
    first: Column | None = None
    last: Column | None = None
    marking: Column | None = None
    """TLP labels; a row whose label is none is set aside."""


class Post(Table):
    """What is posted to channels of what a feed of advisories brings."""

    channels: tuple[str, ...] = ()
    as_: Annotated[Literal["draft", "post"], Field(alias="as")] = "draft"
    severity: Severity = "low"
    vendor: tuple[Text, ...] = ()
    product: tuple[Text, ...] = ()
    sector: tuple[Text, ...] = ()
    ransomware: Annotated[bool, Field(strict=True)] = False
    flood: Annotated[int, Field(strict=True, ge=1)] = 20
    """Posts of one reading at most; more are one list."""


class Feed(Table):
    """A source that is read by itself. `marking`: of what bears none."""

    type: Literal["taxii", "stix", "misp", "csv", "text", "csaf", "kev", "rss"]
    url: Address | None = None
    path: Location | None = None
    every: Schedule = timedelta(hours=1)
    originator: str | None = None
    marking: Marking | None = None
    group: str | None = None
    """Who is admitted to whatever it brings, however that is marked."""
    confidence: Confidence | None = None
    ttl: Duration | None = None
    token: Secret | None = None
    username: Text | None = None
    password: Secret | None = None
    client_cert: Location | None = None
    client_key: Location | None = None
    ca_file: Certificates | None = None
    collection: Text | None = None
    columns: Columns | None = None
    kind: Kind | None = None
    """What all values of a list are, where their shape does not say it: `ja3`, `mutex` …"""
    internal: tuple[Text, ...] = ()
    """Hosts and networks inside that its redirects and links may lead to."""
    delimiter: Annotated[str, AfterValidator(_one_letter)] | None = None
    comment: Text | None = None
    owner: Person | None = None
    """Who is told when it cannot be read."""
    post: Post | None = None

    only: ClassVar[dict[str, frozenset[str]]] = {
        "collection": frozenset({"taxii"}),
        "columns": frozenset({"csv"}),
        "delimiter": frozenset({"csv"}),
        "comment": frozenset({"csv", "text"}),
        "kind": frozenset({"csv", "text"}),
        "post": frozenset({"csaf", "kev", "rss"}),
    }
    """Keys that only some types have."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """What keys have to agree on."""
        if (self.url is None) == (self.path is None):
            raise expected("expected either url or path")
        if self.type == "taxii" and self.url is None:
            raise expected("expected url: TAXII is spoken with a server")
        for key, types in self.only.items():
            if getattr(self, key) is not None and self.type not in types:
                raise expected(f"{key} is for {' and '.join(sorted(types))} only: take it out")
        if self.internal and self.url is None:
            raise expected("internal is for what has a url only: take it out")
        if self.token is not None and self.username is not None:
            raise expected("expected either token, or username and password")
        if (self.username is None) != (self.password is None):
            raise expected("expected username and password together")
        if self.client_key is not None and self.client_cert is None:
            raise expected("expected client_cert beside client_key")
        return self


class Publish(Table):
    """An account of what is published: what a team may see, for its own platforms."""

    team: str
    token: Secret
