"""What each tag of HTML means for the tree: the allow-list. All others are their text."""

from __future__ import annotations

from bot.richtext import Style

STYLES = {
    "b": Style.BOLD.value,
    "strong": Style.BOLD.value,
    "i": Style.ITALIC.value,
    "em": Style.ITALIC.value,
    "cite": Style.ITALIC.value,
    "dfn": Style.ITALIC.value,
    "var": Style.ITALIC.value,
    "u": Style.UNDERLINE.value,
    "ins": Style.UNDERLINE.value,
    "s": Style.STRIKE.value,
    "del": Style.STRIKE.value,
    "strike": Style.STRIKE.value,
    "code": Style.CODE.value,
    "tt": Style.CODE.value,
    "kbd": Style.CODE.value,
    "samp": Style.CODE.value,
}

PARAGRAPHS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "dir",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "html",
        "legend",
        "main",
        "menu",
        "nav",
        "noscript",
        "option",
        "p",
        "section",
        "select",
    ]
)
"""Blocks that are nothing but paragraphs of their own."""

HEADINGS = {f"h{level}": level for level in range(1, 7)}

CONTAINERS = {"blockquote": "quote", "ul": "list", "ol": "list", "details": "details"}

RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
