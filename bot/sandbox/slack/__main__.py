"""`python -m bot.sandbox.slack`: the stand-in as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from bot.sandbox.slack.server import SlackStandIn


def main(words: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; says `ready: URL` on standard output."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0: a free one")
    parser.add_argument("--ack-timeout", type=float, default=3.0, help="seconds until sent again")
    parser.add_argument("--keep", type=int, help="messages a channel remembers; default: all")
    parser.add_argument("--workspace", action="append", default=[], help="make one of this name")
    asyncio.run(_serve(parser.parse_args(words)))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stand_in = SlackStandIn(
        port=options.port, ack_timeout=options.ack_timeout, keep=options.keep, controlled=True
    )
    async with stand_in:
        for name in options.workspace:
            stand_in.add_workspace(name)
        sys.stdout.write(f"ready: {stand_in.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
