"""The outcome as a table: in the terminal, and between two marks in docs/benchmarks.md."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Figure:
    """One thing that was measured. `reached` is None where nothing was to be reached."""

    name: str
    target: str
    measured: str
    reference: str = ""
    method: str = ""
    reached: bool | None = None

    @property
    def mark(self) -> str:
        """In words, not by a colour."""
        return {True: "yes", False: "no", None: "-"}[self.reached]


def table(figures: Sequence[Figure]) -> str:
    """For the terminal."""
    lines = []
    for figure in figures:
        wanted = f"  wanted {figure.target}: {figure.mark}" if figure.target else ""
        lines.append(f"{figure.name}\n    {figure.measured}{wanted}")
        if figure.reference:
            lines.append(f"    beside it: {figure.reference}")
    return "\n".join(lines)


def write(figures: Sequence[Figure], heads: Sequence[str], page: Path = PAGE) -> None:
    """Put the figures into the page, in place of the last ones."""
    begun = ["| what | target | measured | reached | measured beside it in the same run |"]
    begun.append("|---|---|---|---|---|")
    rows = [
        f"| {each.name} | {each.target} | {each.measured} | {each.mark} | {each.reference} |"
        for each in figures
    ]
    methods = [f"* **{each.name}**: {each.method}" for each in figures if each.method]
    body = "\n".join([*heads, "", *begun, *rows, "", "How each was measured:", "", *methods])
    text = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")


def heads(machine: str, commit: str, load: str, *, quick: bool) -> list[str]:
    """What stands above the table."""
    kind = "a quick run: shorter than the targets ask for" if quick else "a whole run"
    return textwrap.dedent(
        f"""\
        * Machine: {machine}
        * Day: {datetime.now(UTC):%Y-%m-%d}, {kind}
        * One durable commit (SQLite, WAL, `synchronous=FULL`) there: {commit}
        * Load of the machine before the run, which bears on every figure: {load}"""
    ).splitlines()
