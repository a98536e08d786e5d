"""How fast Slack's markup is read and written: run it with `python -m`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from bot.events import AccountId
from bot.platforms.slack import markup
from bot.platforms.slack.lookups import Lookups

ACCOUNT = AccountId("slack:alpha")
SIZE = 64 * 1024
PLAIN = "The quick brown fox jumps over the lazy dog, again and again, 42 times in all.\n"
FORMATTED = "Some *bold* and _italic_ words, `code`, a <https://x.example/a|link>, <@U1> :wave:\n"
OPENINGS = [
    "<", "<@", "<!", "<http://", "<a|", "*", "_", "~", "`", "```", "&", "&gt;", ">>>", "\n>", ":",
    ":a", ":a:", "*_~", "* _", "*a ", "[", "](", "[a](", "**", "http://", "- ", "# ", "\n", "`a",
    "<`", "_*", "<!date^1^", "\n- ", "> ", "a_", "*a* ", "`a` ", "<@U1> ",
]  # fmt: skip


def megabytes_a_second() -> Iterator[tuple[str, float]]:
    """Reading and writing plain and formatted text, with its name."""
    for name, line, size in (("plain", PLAIN, SIZE), ("formatted", FORMATTED, SIZE // 4)):
        text = (line * size)[:size]
        body = markup.read_mrkdwn(text, ACCOUNT, Lookups())
        blocks = markup.write_blocks(body, ACCOUNT).blocks
        acts: dict[str, Callable[[], object]] = {
            "mrkdwn": partial(markup.read_mrkdwn, text, ACCOUNT, Lookups()),
            "blocks": partial(markup.read_message, {"blocks": blocks}, ACCOUNT, Lookups()),
            "write": partial(markup.write_blocks, body, ACCOUNT),
            "split": partial(markup.split, body),
        }
        for act, run in acts.items():
            yield f"{name} {act}", size / seconds(run) / 1e6


def hostile() -> Iterator[tuple[str, float]]:
    """Milliseconds for 64 KiB of each opening sequence, read and written, with its name."""
    for opening in OPENINGS:
        text = (opening * SIZE)[:SIZE]
        body = markup.read_mrkdwn(text, ACCOUNT, Lookups())
        acts: dict[str, Callable[[], object]] = {
            "mrkdwn": partial(markup.read_mrkdwn, text, ACCOUNT, Lookups()),
            "typed": partial(markup.typed, text, ACCOUNT, Lookups()),
            "write": partial(markup.write_blocks, body, ACCOUNT),
            "split": partial(markup.split, body),
        }
        for act, run in acts.items():
            yield f"{act} {opening!r}", 1_000 * seconds(run)


def seconds(run: Callable[[], object], rounds: int = 3) -> float:
    """The processor's time for one run, the best of a few."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best


if __name__ == "__main__":
    for name, speed in megabytes_a_second():
        print(f"{name:18} {speed:7.1f} MB/s")
    for name, took in sorted(hostile(), key=lambda found: -found[1])[:8]:
        print(f"{name:18} {took:7.1f} ms")
