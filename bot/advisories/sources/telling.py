"""What people read of items: posts, drafts, lists of many, what a team runs. Pure.

Whatever a source writes is text here: a title that holds markup shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.advisories import showing
from bot.advisories.document import MOST, Document
from bot.advisories.showing import FIRST_LINE, Shown, severity_words, shortened
from bot.advisories.sources.filters import UNSAID
from bot.advisories.sources.item import Item, actions_of, body_of, one_line, said
from bot.advisories.states import State
from bot.richtext import Paragraph, RichText, Style, Text, say
from bot.sharing.marking import Marking
from bot.times.working import Severity
from bot.words import Words

LISTED = 100
"""Lines of a list of many;"""
LISTED_FIRST = 10
"""and of the first of a feed, of which most is old."""
_SUMMARY = 1200
_REFERENCES = 3
_NAME = 24
_TITLE = 70


def document_of(item: Item, marking: Marking, group: str | None) -> Document:
    """An item as a draft: its words, with its source in them."""
    return Document(
        title=one_line(item.title),
        label=marking.label,
        group=group,
        severity=item.severity or UNSAID,
        summary=said(_cut(item.summary, _SUMMARY)),
        body=body_of(item),
        cves=item.cves[:MOST],
        references=item.references,
        affected=item.affected,
        actions=actions_of(item),
    )


def post_of(
    item: Item, marking: Marking, feed: str, words: Words, changed: Sequence[str] = ()
) -> RichText:
    """An item as a post: enough to know whether one has to read on, and where; what was changed of
    what was known before.
    """
    document = Document(
        title=one_line(item.title),
        label=marking.label,
        severity=item.severity or UNSAID,
        summary=said(_cut(item.summary, _SUMMARY)),
        cves=item.cves[:20],
        references=item.references[:_REFERENCES],
    )
    name = shortened(item.name, _NAME)
    shown = Shown(name, State.RELEASED, document, words("the feed {feed}", feed=feed))
    body = showing.head(shown, words)
    first, *rest = body.blocks
    lists = say(str(marking)).blocks if marking.releasable else ()
    more = [words("It is withdrawn.")] if item.withdrawn else []
    more += [words("Sectors: {names}", names=", ".join(item.sectors))] if item.sectors else []
    more += [words("What changed:"), *(f"• {each}" for each in changed)] if changed else []
    return RichText((first, *lists, *rest, *(say("\n".join(more)).blocks if more else ())))


def first_line(item: Item, marking: Marking, words: Words) -> str:
    """Label, severity, name, title: 80 characters at most."""
    severity = severity_words(item.severity or UNSAID, words)
    begun = f"{marking.label} · {severity} · {shortened(item.name, _NAME)}"
    return f"{begun} · {shortened(one_line(item.title), FIRST_LINE - len(begun) - 3)}"


def revised(item: Item, marking: Marking, changes: Sequence[str], words: Words) -> RichText:
    """The message that says what a revision changed."""
    lines = [words("What changed:"), *(f"• {each}" for each in changes)]
    if not changes:
        lines = [words("It was revised; what changed is not said.")]
    return _under(first_line(item, marking, words), marking, lines)


def also(item: Item, marking: Marking, feed: str, words: Words) -> RichText:
    """The message that says that another source has it too."""
    title = shortened(one_line(item.title), _TITLE)
    lines = [words("Also in the feed {feed}: {name} · {title}", feed=feed, name=item.name,
                   title=title)]  # fmt: skip
    if item.ransomware:
        lines.append(words("Ransomware is known to use it now."))
    lines += item.references[:1]
    return _under(first_line(item, marking, words), marking, lines)


def list_of(
    items: Sequence[Item], marking: Marking, feed: str, words: Words, *,
    first: bool = False, revisions: bool = False,
) -> RichText:  # fmt: skip
    """Many items at once, the gravest first."""
    if first:
        counted = words("{feed}, read for the first time: {n} entries", feed=feed, n=len(items))
    elif revisions:
        counted = words("{feed}: {n} revised entries", feed=feed, n=len(items))
    else:
        counted = words("{feed}: {n} new entries", feed=feed, n=len(items))
    lines = lines_of_list(items, words, LISTED_FIRST if first else LISTED)
    if first:
        lines.append(words("From now on what is new is told."))
    return _under(f"{marking.label} · {counted}"[:FIRST_LINE], marking, lines)


def list_document(
    items: Sequence[Item], marking: Marking, group: str | None, feed: str, words: Words
) -> Document:
    """Many items as one draft."""
    lines = lines_of_list(items, words, LISTED * 2)
    body = "\n".join(f"- {said(line.removeprefix('• '))}" for line in lines)
    return Document(
        title=words("{feed}: {n} new entries", feed=feed, n=len(items)),
        label=marking.label,
        group=group,
        severity=max((each.severity or UNSAID for each in items), key=list(Severity).index),
        body=body,
    )


def lines_of_list(items: Sequence[Item], words: Words, most: int) -> list[str]:
    """A line an item, the gravest first; how many more there are."""
    order = list(Severity)
    grave = sorted(items, key=lambda each: order.index(each.severity or UNSAID), reverse=True)
    lines = [f"• {_line(each, words)}" for each in grave[:most]]
    if len(items) > most:
        rest = len(items) - most
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return lines


def matches(
    found: Sequence[tuple[Item, Marking, Sequence[str]]], feed: str, words: Words
) -> RichText:
    """What a team is told of what it runs, in its own room."""
    label = max(marking.label for _, marking, _ in found)
    lists = dict.fromkeys(str(m) for _, m, _ in found if m.releasable)
    counted = words.count(
        "{n} entry of {feed} is about what you run", "{n} entries of {feed} are about what you run",
        len(found), feed=feed,
    )  # fmt: skip
    lines = [*lists]
    for item, marking, names in found[:LISTED]:
        lines.append(f"• {marking.label} · {_line(item, words)} — {', '.join(names[:3])}")
        lines += [f"  {each}" for each in item.references[:1]] if len(found) <= _REFERENCES else []
    if len(found) > LISTED:
        rest = len(found) - LISTED
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return RichText((_bold(f"{label} · {counted}"[:FIRST_LINE]), *say("\n".join(lines)).blocks))


def _line(item: Item, words: Words) -> str:
    severity = severity_words(item.severity or UNSAID, words)
    title = shortened(one_line(item.title), _TITLE)
    return f"{severity} · {shortened(item.name, _NAME)} · {title}"


def _under(first: str, marking: Marking, lines: Iterable[str]) -> RichText:
    every = [*([str(marking)] if marking.releasable else []), *lines]
    return RichText((_bold(first), *say("\n".join(every)).blocks))


def _bold(line: str) -> Paragraph:
    return Paragraph((Text(line, Style.BOLD),))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
