"""`liaison sandbox`: the way in, and every way out."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path

from bot.sandbox import advising, silence, state
from bot.sandbox.child import ChildEnded
from bot.sandbox.coalition import LOG, SETTINGS, Coalition
from bot.sandbox.demo import Failed, play
from bot.sandbox.matrix_side import MatrixFault
from bot.sandbox.progress import Progress
from bot.sandbox.server import Page
from bot.sandbox.synapse import SynapseError, synapse_is_installed

MISSING = 'the sandbox needs Synapse, a Matrix homeserver: pip install "liaison[sandbox]"'


class PortTaken(RuntimeError):
    """The page's port cannot be had."""


async def sandbox(*, port: int, demo: bool, keep: Path | None) -> int:
    """Run the sandbox until it is told to end, or play the exercise; the exit status.

    `port` of the page (0: any), `keep` the folder for its state (None: one that is removed).
    """
    progress = Progress()
    if not synapse_is_installed():
        progress.complain(MISSING)
        return 2
    try:
        with state.folder(keep) as folder:
            return await _until_told(_play(folder, port, progress, demo=demo), demo=demo)
    except state.FolderBusy as fault:
        progress.complain(str(fault))
        return 3
    except (PortTaken, state.FolderUnusable) as fault:
        progress.complain(str(fault))
        return 2
    except (ChildEnded, SynapseError, MatrixFault, OSError) as fault:
        progress.complain(str(fault))
        return 1
    except Failed as failed:
        for words in failed.faults:
            progress.complain(words)
        return 1


async def _until_told(work: Coroutine[None, None, int], *, demo: bool) -> int:
    """Do the work; on SIGINT or SIGTERM end it in order, leaving no process behind.

    Told to end, the page has done what it was for, and an exercise has not.
    """
    task = asyncio.create_task(work)
    told: list[int] = []

    def end(number: int) -> None:
        if not told:  # a second signal must not cut the ending short
            task.cancel()
        told.append(number)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not told:
            raise
        return 1 if demo else 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _play(folder: Path, port: int, progress: Progress, *, demo: bool) -> int:
    coalition = Coalition(folder)
    async with AsyncExitStack() as stack:
        page = None if demo else await _served(stack, coalition, port)
        fault = await stack.enter_async_context(coalition.opened(progress))
        if page is None:
            return await _exercise(coalition, progress, fault)
        progress.say(f"ready: {page.address}")
        progress.show(
            f"Open that address in a browser. Ctrl-C ends it all.\n"
            f"Settings: {folder / SETTINGS}  Log of the bot: {folder / LOG}"
        )
        try:
            await asyncio.shield(fault)
        except ChildEnded as ended:
            coalition.board.complain(str(ended))
            raise
    return 1


async def _served(stack: AsyncExitStack, coalition: Coalition, port: int) -> Page:
    page = Page(coalition)
    try:
        await page.start(port)
    except OSError as error:
        raise PortTaken(
            f"port {port} cannot be used ({error.strerror}): name another with --port, "
            "or 0 for any that is free"
        ) from None
    stack.push_async_callback(page.stop)
    return page


async def _exercise(coalition: Coalition, progress: Progress, fault: asyncio.Task[None]) -> int:
    """Play the exercise, unless something breaks first."""
    exercise = asyncio.create_task(_all(coalition, progress))
    try:
        await asyncio.wait({exercise, fault}, return_when=asyncio.FIRST_COMPLETED)
        if not exercise.done():
            fault.result()
        count = await exercise
    finally:
        exercise.cancel()
    progress.show(f"\ndemo: {count} messages, each once and in order in every room")
    return 0


async def _all(coalition: Coalition, progress: Progress) -> int:
    """What people say to each other, an advisory, what they decide; the number of messages."""
    count = await play(coalition, progress)
    await advising.play(coalition, progress)
    await silence.play(coalition, progress)
    return count
