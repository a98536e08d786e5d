"""What each word of the command line leads to; what a word does not need is not loaded for it."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings


def _load(options: argparse.Namespace, *, secrets: bool = True) -> Settings:
    from bot.log import set_up
    from bot.platforms.registry import networks
    from config.settings import load

    # No default in the parser: the word's own would undo an option that stands before the word.
    path: Path = getattr(options, "config", Path("liaison.toml"))
    settings = load(path, networks(), os.environ if secrets else None)
    set_up(settings.liaison.log)
    return settings


def run(options: argparse.Namespace) -> int:
    from bot.app import run

    return asyncio.run(run(_load(options)))


def check(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import check

    return asyncio.run(check(_load(options), as_json=options.json))


def rooms(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import rooms

    return asyncio.run(rooms(_load(options)))


def reload(options: argparse.Namespace) -> int:
    from bot.terminal.operating import reload

    return asyncio.run(reload(_load(options)))


def pause(options: argparse.Namespace) -> int:
    from bot.terminal.operating import pause

    return pause(_load(options), options.place)


def resume(options: argparse.Namespace) -> int:
    from bot.terminal.operating import resume, resume_all

    if options.place == "all":
        return asyncio.run(resume_all(_load(options)))
    return resume(_load(options), options.place)


def sandbox(options: argparse.Namespace) -> int:
    from bot.sandbox import sandbox

    return asyncio.run(sandbox(port=options.port, demo=options.demo, keep=options.keep))


def manifest(options: argparse.Namespace) -> int:
    from bot.terminal.manifests import manifest

    print(manifest(_load(options, secrets=False), options.account))
    return 0


def upgrade(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import upgraded

    print(upgraded(_load(options)))
    return 0


def backup(options: argparse.Namespace) -> int:
    from bot.terminal.safekeeping import backup

    return backup(_load(options), options.file)


def restore(options: argparse.Namespace) -> int:
    from bot.terminal.safekeeping import restore

    return restore(_load(options), options.file)


def list_deliveries(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import list_deliveries

    return list_deliveries(_load(options), options.state, as_json=options.json)


def retry(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import retry

    if bool(options.ids) == options.all:
        print("liaison: name the deliveries to retry, or --all", file=sys.stderr)
        return 2
    return retry(_load(options), None if options.all else options.ids)


def drop(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import drop

    return drop(_load(options), options.ids)


def verify(options: argparse.Namespace) -> int:
    from bot.terminal.auditing import verify

    return verify(_load(options), options.head)


def export(options: argparse.Namespace) -> int:
    from bot.terminal.auditing import export

    return export(_load(options), options.since, as_json=options.json)


def take_in(options: argparse.Namespace) -> int:
    from bot.indicators.pace import collect_seldom
    from bot.terminal.indicating.importing import Whose, take_in

    if options.feed and (options.originator or options.marking):
        print("liaison: --feed says whose it is and how it is marked", file=sys.stderr)
        return 2
    whose = Whose(options.feed, options.originator, options.marking)
    collect_seldom()
    return take_in(_load(options), options.files, whose)


def lookup(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import look_up

    return look_up(_load(options), options.values, options.team, as_json=options.json)


def export_indicators(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import export

    return export(_load(options), options.team, as_json=options.json)


def stats(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import stats

    return stats(_load(options), options.team, as_json=options.json)


def feeds(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import feeds
    from bot.terminal.indicating.feeding import run_feed

    if not options.run:
        return feeds(_load(options), options.team, as_json=options.json)
    if len(options.run) != 2 or options.run[0] != "run":
        print("liaison: expected: indicators feeds [run NAME]", file=sys.stderr)
        return 2
    if options.team is not None:
        print("liaison: a feed is read for all: expected no --as with run", file=sys.stderr)
        return 2
    settings, name = _load(options), options.run[1]
    status = run_feed(settings, name, tells=not options.json)
    if options.json:
        feeds(settings, None, as_json=True, only=name)
    return status


def list_advisories(options: argparse.Namespace) -> int:
    from bot.terminal.advising import list_advisories

    return list_advisories(_load(options), options.team, as_json=options.json)


def show_advisory(options: argparse.Namespace) -> int:
    from bot.terminal.advising import show

    return show(_load(options), options.ref, options.team, as_json=options.json)


def export_advisories(options: argparse.Namespace) -> int:
    if options.format is not None:
        from bot.terminal import publishing

        try:
            return publishing.export(_load(options), options.team, options.format, options.output)
        except OSError as error:
            print(f"liaison: {error.filename}: {error.strerror}", file=sys.stderr)
            return 2
    if options.output is not None:
        print("liaison: expected --format csaf, markdown or pdf with --output", file=sys.stderr)
        return 2
    from bot.terminal.advising import export

    return export(_load(options), options.team, as_json=options.json)


def schedules(options: argparse.Namespace) -> int:
    from bot.terminal.operating import list_schedules

    return list_schedules(_load(options), as_json=options.json)


def decided(options: argparse.Namespace) -> int:
    from bot.terminal import minutes

    settings = _load(options)
    of = minutes.Asked(options.series, options.team)
    match options.asked:
        case "list":
            return minutes.listed(settings, of, as_json=options.json)
        case "show":
            return minutes.show(settings, of, options.ref, as_json=options.json)
        case "export":
            return minutes.export(settings, of, options.format, options.output)
        case _:
            return minutes.verify(settings, of, options.head, as_json=options.json)


def trace(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import trace

    return trace(_load(options), options.ref, as_json=options.json)
