"""The parts of a CSAF document that are read. What is not named here is passed over."""

from __future__ import annotations

import msgspec


class Tlp(msgspec.Struct):
    """3.2.1.5.2"""

    label: str = ""


class Distribution(msgspec.Struct):
    """For whom it is."""

    text: str = ""
    tlp: Tlp | None = None


class Revision(msgspec.Struct):
    """An entry of its history."""

    number: str = ""
    date: str = ""
    summary: str = ""


class Tracking(msgspec.Struct):
    """What it is called, and how it stands."""

    id: str = ""
    version: str = ""
    status: str = ""
    initial_release_date: str = ""
    current_release_date: str = ""
    revision_history: list[Revision] = []


class Publisher(msgspec.Struct):
    """Who wrote it; the namespace is a URL of theirs."""

    name: str = ""
    namespace: str = ""
    contact_details: str = ""


class Note(msgspec.Struct):
    """A text beside."""

    category: str = ""
    text: str = ""
    title: str = ""


class Reference(msgspec.Struct):
    """Where more stands."""

    url: str = ""
    category: str = ""


class Aggregate(msgspec.Struct):
    """How grave its publisher finds it."""

    text: str = ""


class Head(msgspec.Struct):
    """`/document`"""

    title: str = ""
    category: str = ""
    csaf_version: str = ""
    aggregate_severity: Aggregate | None = None
    distribution: Distribution | None = None
    publisher: Publisher = msgspec.field(default_factory=Publisher)
    tracking: Tracking = msgspec.field(default_factory=Tracking)
    notes: list[Note] = []
    references: list[Reference] = []


class Named(msgspec.Struct):
    """A product: its full name, and what the document calls it by."""

    name: str = ""
    product_id: str = ""


class Branch(msgspec.Struct):
    """A part of the tree of products."""

    category: str = ""
    name: str = ""
    branches: list[Branch] = []
    product: Named | None = None


class Relationship(msgspec.Struct):
    """A product that is made of two others (2.0, and 2.1)."""

    full_product_name: Named = msgspec.field(default_factory=Named)
    product_reference: str = ""
    relates_to_product_reference: str = ""


class Step(msgspec.Struct):
    """A part of a path."""

    next_product_reference: str = ""


class Path(msgspec.Struct):
    """A product that is made of several others (2.1)."""

    full_product_name: Named = msgspec.field(default_factory=Named)
    beginning_product_reference: str = ""
    subpaths: list[Step] = []


class Tree(msgspec.Struct):
    """`/product_tree`"""

    branches: list[Branch] = []
    full_product_names: list[Named] = []
    relationships: list[Relationship] = []
    product_paths: list[Path] = []


class Cvss(msgspec.Struct):
    """A score, whatever its version."""

    baseScore: float = 0.0  # noqa: N815  as it is spelled there


class Score(msgspec.Struct):
    """Of 2.0, and what a metric of 2.1 holds."""

    cvss_v2: Cvss | None = None
    cvss_v3: Cvss | None = None
    cvss_v4: Cvss | None = None


class Metric(msgspec.Struct):
    """Of 2.1."""

    content: Score = msgspec.field(default_factory=Score)


class Status(msgspec.Struct):
    """Which products it is about, by their ids."""

    known_affected: list[str] = []
    first_affected: list[str] = []
    last_affected: list[str] = []
    under_investigation: list[str] = []


class Remediation(msgspec.Struct):
    """What to do."""

    category: str = ""
    details: str = ""
    url: str = ""


class Vulnerability(msgspec.Struct):
    """`/vulnerabilities[]`"""

    cve: str = ""
    title: str = ""
    notes: list[Note] = []
    product_status: Status = msgspec.field(default_factory=Status)
    remediations: list[Remediation] = []
    scores: list[Score] = []
    metrics: list[Metric] = []


class Csaf(msgspec.Struct):
    """A document."""

    document: Head
    product_tree: Tree = msgspec.field(default_factory=Tree)
    vulnerabilities: list[Vulnerability] = []
