"""Whether a third party may be asked about a value: to ask is to tell.

Somebody says so each time, with its name. What the allies say of a value more strictly than a
third party may be told stays here, unless the asker's own team says it; and so does what means
something in one network only, which would tell of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.errors import UserError
from bot.events import Control
from bot.indicators.observable import Observable
from bot.indicators.observables import Nature, nature, typed
from commands.grammar import closest
from commands.grammar.words import quote
from commands.indicators.asking import others_say
from commands.indicators.saying import shown
from commands.registry import Context, Enquiry, shortened

MOST = 10
"""Values of one question to third parties."""
_OFFERED = ("\N{GLOBE WITH MERIDIANS}", "\N{SATELLITE}")
"""Third parties that are offered below an answer, by the emoji of their controls."""
_OURS = frozenset(
    {
        Nature.LOOPBACK, Nature.PRIVATE, Nature.LINK_LOCAL, Nature.SHARED, Nature.LOCAL,
        Nature.UNSPECIFIED, Nature.BROADCAST, Nature.MULTICAST,
    }
)  # fmt: skip
_EXCERPT = 24


def enquiries(
    context: Context, values: Sequence[Observable], names: Sequence[str]
) -> tuple[Enquiry, ...]:
    """What is asked of whom; nothing of what may not be told. Raises UserError for a name that is
    none, and for too many values.
    """
    known = context.house.enrichers()
    for name in names:
        if name not in known:
            raise _unknown(name, list(known))
    if len(values) > MOST:
        raise UserError("Third parties are asked about {most} values at most at once.", most=MOST)
    return tuple(
        Enquiry(name, value)
        for name in dict.fromkeys(names)
        for value in values
        if may_be_told(context, name, value)
    )


def may_be_told(context: Context, name: str, value: Observable) -> bool:
    """Whether a third party may hear of a value."""
    if nature(value) in _OURS:
        return False
    marking = others_say(context, value)
    return marking.label <= context.house.enrichers()[name] and not marking.releasable


def said(
    context: Context, values: Sequence[Observable], names: Sequence[str], asked: Sequence[Enquiry]
) -> Iterator[str]:
    """A line for each third party that was named: what it is asked about, and what it is not."""
    words = context.words
    for name in dict.fromkeys(names):
        told = [each.value for each in asked if each.name == name]
        kept = [each for each in values if each not in told]
        if told:
            yield words("I ask {name}, a third party; what it says follows.", name=name)
        if kept:
            few = ", ".join(shortened(shown(each), _EXCERPT) for each in kept[:3])
            yield words(
                "{name} is not told of {values}: marked too strictly, or of one network only.",
                name=name, values=few if len(kept) <= 3 else f"{few} …",
            )  # fmt: skip


def offers(context: Context, value: Observable) -> Iterator[Control]:
    """Controls that ask a third party each; none for one that may not be told."""
    for emoji, name in zip(_OFFERED, context.house.enrichers(), strict=False):
        if may_be_told(context, name, value):
            label = context.words("Ask {name}", name=shortened(name, _EXCERPT))
            call = f"ioc --enrich {quote(name)} {quote(typed(value))}"
            yield Control(label, call, emoji, once=True)


def _unknown(name: str, names: Sequence[str]) -> UserError:
    word, meant = shortened(name, _EXCERPT), closest(name, names)
    if not names:
        return UserError("No third party is configured, and none is asked.")
    if meant is None:
        return UserError("I know no third party “{word}”: {names}.",
                         word=word, names=", ".join(names[:5]))  # fmt: skip
    return UserError("I know no third party “{word}”. Did you mean “{meant}”?",
                     word=word, meant=meant)  # fmt: skip
