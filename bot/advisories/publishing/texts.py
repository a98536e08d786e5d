"""An advisory as Markdown, with its label first and last. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.advisories.publishing.edition import Edition, moment
from bot.advisories.showing import severity_words
from bot.advisories.sources.item import one_line, said
from bot.advisories.states import State, state_words
from bot.words import Words


def markdown_of(edition: Edition, words: Words) -> str:
    """The whole as a file that people read, and that any Markdown reader shows."""
    return "\n\n".join([*_parts(edition, words)]) + "\n"


def _parts(edition: Edition, words: Words) -> Iterator[str]:
    document = edition.document
    yield f"**{edition.marking}**"
    yield f"# {said(one_line(document.title))}"
    yield "\n".join(f"- {said(line)}" for line in facts(edition, words))
    yield from filter(None, (document.summary.strip(), document.body.strip()))
    if document.actions:
        yield f"## {words('What to do')}"
        yield document.actions.strip()
    for title, some in lists(edition, words):
        yield f"## {title}"
        yield "\n".join(f"- {said(each)}" for each in some)
    for update in document.updates:
        yield f"## {words('Update of {when}', when=moment(update.at))}"
        yield update.text.strip()
    yield f"**{edition.marking}**"


def facts(edition: Edition, words: Words) -> Iterator[str]:
    """What takes a line each."""
    document = edition.document
    yield words("Number: {number}", number=edition.number)
    yield words("Severity: {severity}", severity=severity_words(document.severity, words))
    yield words("Released: {when}", when=moment(edition.released))
    if edition.state is not State.RELEASED:
        yield words("State: {state}", state=state_words(edition.state, words))
    if edition.instead:
        yield words("It holds no more. In its place: {name}", name=edition.instead)
    if edition.reason:
        yield words("It is withdrawn. {why}", why=one_line(edition.reason, 1000))
    yield words("From: {teams}", teams=", ".join(edition.origin))
    if document.contact:
        yield words("Contact: {contact}", contact=document.contact)
    if document.due is not None:
        yield words("To be done by: {when}", when=document.due)


def lists(edition: Edition, words: Words) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is a list, with its heading."""
    document = edition.document
    for title, some in (
        (words("CVE"), document.cves),
        (words("Affected"), document.affected),
        (words("Indicators"), document.indicators),
        (words("Techniques"), document.techniques),
        (words("References"), document.references),
    ):
        if some:
            yield title, some
