"""The products of a document: bounded, and in no circle. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.advisories.sources.csaf.form import Branch, Tree
from bot.advisories.sources.refusals import Refusal, Refused

MOST = 5000
"""Products of a document: with more it is an inventory, and nobody reads what it warns of."""
DEEPEST = 60
"""Branches inside each other; real ones have a handful."""
_VENDOR, _PRODUCTS = "vendor", frozenset({"product_name", "product_family"})


@dataclass(slots=True)
class Products:
    """The names in a tree, each once: of vendors, of products, and of each by its id."""

    vendors: dict[str, None] = field(default_factory=dict)
    families: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def named(self, identifier: str, name: str) -> None:
        """Take a product in. Raises Refused where there are too many."""
        self.count += 1
        if self.count > MOST:
            raise Refused(Refusal.PRODUCTS)
        self.names.setdefault(identifier, name)


def products_of(tree: Tree) -> Products:
    """All that it names. Raises Refused for a tree that is too large, too deep, or a circle."""
    found = Products()
    for branch in _walked(tree.branches):
        if branch.category == _VENDOR:
            found.vendors.setdefault(branch.name)
        elif branch.category in _PRODUCTS:
            found.families.setdefault(branch.name)
        if branch.product is not None:
            found.named(branch.product.product_id, branch.product.name)
    for each in tree.full_product_names:
        found.named(each.product_id, each.name)
    made = dict(_made(tree))
    for relationship in tree.relationships:
        named = relationship.full_product_name
        found.named(named.product_id, named.name)
    for path in tree.product_paths:
        found.named(path.full_product_name.product_id, path.full_product_name.name)
    if _is_circle(made):
        raise Refused(Refusal.CYCLE)
    return found


def _walked(branches: list[Branch]) -> Iterator[Branch]:
    waiting = [(branch, 1) for branch in reversed(branches)]
    count = 0
    while waiting:
        branch, depth = waiting.pop()
        count += 1
        if depth > DEEPEST:
            raise Refused(Refusal.DEPTH)
        if count > MOST * 4:
            raise Refused(Refusal.PRODUCTS)
        yield branch
        waiting.extend((each, depth + 1) for each in reversed(branch.branches))


def _made(tree: Tree) -> Iterator[tuple[str, list[str]]]:
    """Of what each product that is made of others is made."""
    made: dict[str, list[str]] = {}
    for each in tree.relationships:
        parts = [each.product_reference, each.relates_to_product_reference]
        made.setdefault(each.full_product_name.product_id, []).extend(parts)
    for path in tree.product_paths:
        parts = [path.beginning_product_reference]
        parts += [step.next_product_reference for step in path.subpaths]
        made.setdefault(path.full_product_name.product_id, []).extend(parts)
    yield from made.items()


def _is_circle(made: dict[str, list[str]]) -> bool:
    """Whether something is made of itself: what is made of nothing unfinished is finished, until
    nothing more can be.
    """
    waiting = {whole: sum(part in made for part in parts) for whole, parts in made.items()}
    used: dict[str, list[str]] = {}
    for whole, parts in made.items():
        for part in parts:
            used.setdefault(part, []).append(whole)
    ready = [whole for whole, open_parts in waiting.items() if not open_parts]
    done = 0
    while ready:
        part = ready.pop()
        done += 1
        for whole in used.get(part, ()):
            waiting[whole] -= 1
            if not waiting[whole]:
                ready.append(whole)
    return done < len(made)
