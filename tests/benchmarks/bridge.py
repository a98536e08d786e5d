"""What the bridge itself takes: formatted messages, edits, reactions, files, hostile input."""

from __future__ import annotations

import time

from tests.benchmarks.measures import spread
from tests.benchmarks.places import TWO, settled, write_settings
from tests.benchmarks.processes import Bot, Far, bot, far_side, without_bot
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import (
    WARM,
    WAYS,
    Size,
    at_rest,
    folder_for_it,
    in_words,
    own_figure,
    say,
)
from tests.bot.platforms.matrix import markup_speed as of_matrix
from tests.bot.platforms.slack import markup_speed as of_slack

_ROOMS = 50
_FILE = 100_000_000
"""Bytes."""


def own_time(size: Size) -> list[Figure]:
    """The bot's own time for what people really do, on both ways."""
    with far_side() as far, folder_for_it() as folder:
        with without_bot(far.url, 10):
            far("connected", accounts=list(TWO))
            direct = at_rest(far, size.at_rest // 2, mixed=True)
        with bot(settled(write_settings(folder, far.url, TWO, 10))):
            far("connected", accounts=list(TWO))
            ours = at_rest(far, size.at_rest // 2, mixed=True)
    what = "formatted, with edits and reactions"
    return [own_figure(f"{WAYS[each]}, {what}", ours[each], direct[each]) for each in TWO]


def throughput(size: Size) -> list[Figure]:
    """Many formatted messages, edits and reactions a second."""
    channels = _ROOMS // len(TWO)
    with (
        far_side() as far,
        folder_for_it() as folder,
        bot(settled(write_settings(folder, far.url, TWO, channels))) as running,
    ):
        far("connected", accounts=list(TWO))
        say(far, 20, WARM, TWO, channels, mixed=True)
        used, begun = running.seconds, time.perf_counter()
        count = size.seconds * 300
        outcome = say(far, 300, count, TWO, channels, mixed=True)
        used, took = running.seconds - used, time.perf_counter() - begun
    each = in_words(spread([seconds for way in outcome["took"].values() for seconds in way]))
    reached = count / (outcome["said_in"] + outcome["backlog"])
    return [
        Figure(
            f"300 a second for {size.seconds} s in {_ROOMS} rooms, formatted, with edits and "
            "reactions",
            "backlog at the end 1 s",
            f"backlog {outcome['backlog']:.1f} s ({reached:.0f} a second carried)",
            f"{each} from socket to socket; {used / count * 1000:.1f} ms of processor each, "
            f"{used / took:.0%} of one core; the far side {outcome['busy']:.0%}",
            "One Slack workspace and one homeserver, in each channel a room of each: three in five "
            "are messages with styles, a link and a list, one an edit, one a reaction. Backlog: "
            "from the last word said until the last copy has arrived.",
            outcome["backlog"] <= 1 and outcome["whole"],
        )
    ]


def files(_size: Size) -> list[Figure]:
    """A large file each way, and what the bot holds of it meanwhile."""
    figures = []
    with (
        far_side() as far,
        folder_for_it() as folder,
        bot(write_settings(folder, far.url, TWO, 2)) as running,
    ):
        far("connected", accounts=list(TWO))
        say(far, 20, WARM, TWO, 2)
        for account, way in WAYS.items():
            _share(far, running, account, 1_000_000)  # what is loaded with the first file
            grown, seconds, whole = _share(far, running, account, _FILE)
            figures.append(
                Figure(
                    f"A file of {_FILE // 1_000_000} MB, {way}",
                    "30 MB of memory",
                    f"{grown:.0f} MB, in {seconds:.1f} s" if whole else "did not arrive whole",
                    "",
                    "Handed out by one network and taken in by the other as fast as they can; the "
                    "highest resident set (`VmHWM`, set back before) less that before.",
                    whole and grown <= 30,
                )
            )
    return figures


def _share(far: Far, running: Bot, account: str, size: int) -> tuple[float, float, bool]:
    """Share a file: how much memory that took in MB, how long, and whether it came whole."""
    before = running.memory
    running.forget_peak()
    outcome = far("share", account=account, channel=0, size=size)
    return running.peak - before, outcome["seconds"], outcome["whole"]


def markup(_size: Size) -> list[Figure]:
    """Reading and writing, and the worst that can be typed."""
    slack = dict(of_slack.megabytes_a_second())
    matrix = of_matrix.measure()
    plain = {
        "Slack read": min(slack["plain mrkdwn"], slack["plain blocks"]),
        "Slack written": slack["plain write"],
        "Matrix read": matrix["read plain, MB/s"],
        "Matrix written": matrix["write plain, MB/s"],
    }
    formatted = {
        "Slack read": min(slack["formatted mrkdwn"], slack["formatted blocks"]),
        "Slack written": slack["formatted write"],
        "Matrix read": matrix["read formatted, MB/s"],
        "Matrix written": matrix["write formatted, MB/s"],
    }
    hostile = {f"Slack {name}": took for name, took in of_slack.hostile()}
    hostile |= {f"Matrix {name}": took for name, took in matrix.items() if "hostile" in name}
    worst = sorted(hostile, key=lambda name: -hostile[name])[:3]
    return [
        _speed("Plain text", plain, 20),
        _speed("Formatted text", formatted, 1),
        Figure(
            f"64 KiB of any of {len(hostile)} repeated openings, read or written",
            "50 ms",
            f"{hostile[worst[0]]:.0f} ms",
            "; ".join(f"{name} {hostile[name]:.0f} ms" for name in worst),
            "The processor's time, the best of three; beside it the worst three.",
            hostile[worst[0]] <= 50,
        ),
    ]


def _speed(what: str, found: dict[str, float], least: float) -> Figure:
    return Figure(
        f"{what}, read and written",
        f"{least:.0f} MB/s",
        f"{min(found.values()):.1f} MB/s",
        "; ".join(f"{name} {speed:.1f} MB/s" for name, speed in found.items()),
        "The processor's time, the best of several.",
        min(found.values()) >= least,
    )
