"""`python -m tests.soak`: the promise over 20,000 steps of a model; then 10,000 messages and 100
kills, after which each message has landed once and in order.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bot.sandbox.synapse import Synapse, synapse_is_installed
from tests.end_to_end.coalition import coalition
from tests.end_to_end.killing import Killing
from tests.end_to_end.traffic import Traffic
from tests.model.faults import FAULTS, all_found
from tests.model.machine import play


def main(words: Sequence[str] | None = None) -> int:
    """Run it; 0 when every message landed once and in order, 1 when not or not in time."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, metavar="N")
    parser.add_argument("--kills", type=int, default=100, metavar="N")
    parser.add_argument("--steps", type=int, default=20_000, help="of the model (default: 20000)")
    parser.add_argument("--faults", action="store_true", help="plant each fault in the model too")
    parser.add_argument("--seed", type=int, default=None, help="plays an earlier run again")
    parser.add_argument("--minutes", type=float, default=30.0, help="at most (default: 30)")
    options = parser.parse_args(words)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    if options.steps and not _promise_is_kept(seed, options.steps):
        return 1
    if options.faults and not all_found(FAULTS, seed):
        return 1
    if not options.messages:
        return 0
    if not synapse_is_installed():
        _say("matrix-synapse is not installed (the extra `sandbox`)")
        return 1
    _say(f"{options.messages} messages, {options.kills} kills, seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="liaison-soak-"))
    try:
        asyncio.run(_soak(folder, options.messages, options.kills, seed, options.minutes))
    except AssertionError as fault:
        _say(f"FAILED with --seed {seed}; what is left is in {folder}\n{fault}")
        return 1
    except TimeoutError:
        _say(f"FAILED: not through in {options.minutes} minutes; what is left is in {folder}")
        return 1
    shutil.rmtree(folder)
    _say("each message landed once, in order, in every room")
    return 0


def _promise_is_kept(seed: int, steps: int) -> bool:
    _say(f"{steps} steps of the model, seed {seed}")
    try:
        counted = play(seed, steps, long=50)
    except AssertionError as fault:
        _say(f"FAILED with --seed {seed} --steps {steps}\n{fault}")
        return False
    _say(f"nothing went further than the oracle allows: {dict(counted)}")
    return True


async def _soak(folder: Path, messages: int, kills: int, seed: int, minutes: float) -> None:
    begun = time.monotonic()
    async with (
        asyncio.timeout(minutes * 60),
        Synapse(folder / "synapse") as synapse,
        coalition(folder, synapse, seed=seed) as whole,
    ):

        def tell(killed: int, said: int) -> None:
            if killed % 5 == 0 or killed == kills:
                store = whole.store
                _say(
                    f"{time.monotonic() - begun:5.0f} s: {killed} of {kills} kills, {said} said, "
                    f"{store.messages} taken in, {store.open} under way"
                )

        random = Random(seed)
        traffic = Traffic(whole, random)
        await whole.bot.start()
        await Killing(whole, traffic, random, tell).run(messages=messages, kills=kills)
        await whole.all_landed(minutes * 60)
        sent = whole.store.count("SELECT count(*) FROM outbox")
        repeated = whole.store.count("SELECT count(*) FROM outbox WHERE attempts > 1")
        _say(
            f"{time.monotonic() - begun:5.0f} s: {traffic.count} messages said, {sent} deliveries, "
            f"{repeated} of them tried more than once"
        )
        status = await whole.bot.stop()
        if status != 0:
            raise AssertionError(f"the bot ended with {status}")


def _say(words: str) -> None:
    sys.stdout.write(f"soak: {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
