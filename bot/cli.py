"""The `liaison` command: words, options and exit statuses; each word is carried out elsewhere.

0 done · 1 no · 2 usage or configuration · 3 the store cannot be used, or is in use.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import ConfigurationError, StoreError, UserError

if TYPE_CHECKING:
    from config.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command line; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.carry_out(options))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        return 2
    except UserError as error:
        print(f"liaison: {error}", file=sys.stderr)
        return 1
    except StoreError as error:
        print(f"liaison: {error}", file=sys.stderr)
        return 3
    except BrokenPipeError:  # the reader of our output has left: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    """Every word; `--config` may stand before or after it."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE",
        help="the configuration (default: ./liaison.toml)",
    )  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="liaison",
        parents=[shared],
        description="The bot in the channel where allied teams coordinate.",
    )
    words = parser.add_subparsers(metavar="WORD", required=True)

    def word(
        name: str, text: str, within: argparse._SubParsersAction[argparse.ArgumentParser] = words
    ) -> argparse.ArgumentParser:
        added = within.add_parser(name, parents=[shared], help=text, description=text)
        added.set_defaults(carry_out=globals()[f"_{name}"] if within is words else None)
        return added

    word("run", "run the bot")
    json = "one JSON object a line"
    word("check", "try every token, scope, room and right; say how to mend each").add_argument(
        "--json", action="store_true", help=json
    )
    word("reload", "let the running bot read its configuration again")
    word("rooms", "the rooms that the bot can see, with their ids")
    place = "a channel's name, or a room as the configuration writes it"
    paused = word("pause", "let what is said for a channel or room wait")
    paused.add_argument("place", metavar="CHANNEL|ROOM", help=place)
    resumed = word("resume", "let what waits go on its way")
    resumed.add_argument(
        "place", metavar="CHANNEL|ROOM|all", help=f"{place}; all: end the recovery after a restore"
    )
    sandbox = word("sandbox", "a whole coalition on this machine, in a browser or the terminal")
    sandbox.add_argument("--port", type=int, default=8765, help="of the page (default: 8765)")
    sandbox.add_argument("--demo", action="store_true", help="play an exercise in the terminal")
    sandbox.add_argument("--keep", type=Path, metavar="DIR", help="keep the state in this folder")
    manifest = word("manifest", "the app manifest for these settings, to paste into Slack")
    manifest.add_argument("account", nargs="?", metavar="WORKSPACE")
    trace = word("trace", "one message's way: ids, states, times; never its text")
    trace.add_argument("ref", metavar="REF", help="a delivery's or message's id, or its link")
    trace.add_argument("--json", action="store_true", help=json)

    store = word("db", "the store").add_subparsers(metavar="WORD", required=True)
    word("upgrade", "bring the store to this version", store).set_defaults(carry_out=_upgrade)
    kept = word("backup", "copy the store and its keys into one file, also while it runs", store)
    kept.add_argument("file", type=Path, metavar="FILE", help="must not be there yet")
    kept.set_defaults(carry_out=_backup)
    put_back = word("restore", "put a copy back; the bot starts in recovery then", store)
    put_back.add_argument("file", type=Path, metavar="FILE", help="as `db backup` wrote it")
    put_back.set_defaults(carry_out=_restore)

    deliveries = word("deliveries", "what is on its way, unclear or dead").add_subparsers(
        metavar="WORD", required=True
    )
    listed = word("list", "list them", deliveries)
    listed.add_argument("--state", choices=["waiting", "unknown", "dead"])
    listed.add_argument("--json", action="store_true", help=json)
    listed.set_defaults(carry_out=_list)
    retried = word("retry", "try dead ones again", deliveries)
    retried.add_argument("ids", nargs="*", metavar="ID")
    retried.add_argument("--all", action="store_true", help="every dead one")
    retried.set_defaults(carry_out=_retry)
    dropped = word("drop", "give up on some", deliveries)
    dropped.add_argument("ids", nargs="+", metavar="ID")
    dropped.set_defaults(carry_out=_drop)

    audit = word("audit", "the record of what was done").add_subparsers(
        metavar="WORD", required=True
    )
    verified = word("verify", "whether the record holds: whether any row was altered", audit)
    verified.add_argument("--head", type=_hash, metavar="HASH", help="a head that somebody kept")
    verified.set_defaults(carry_out=_verify)
    exported = word("export", "the record itself, from a time on", audit)
    exported.add_argument(
        "--since", type=_moment, required=True, metavar="T", help="as 2026-11-24T09:00Z"
    )
    exported.add_argument("--json", action="store_true", help=json)
    exported.set_defaults(carry_out=_export)

    _indicators_words(word("indicators", "what the allies know about values"), word, json)
    _advisories_words(word("advisories", "what the allies warn of together"), word, json)
    scheduled = word("schedule", "what happens at a time").add_subparsers(
        metavar="WORD", required=True
    )
    times = word("list", "list what is to come", scheduled)
    times.add_argument("--json", action="store_true", help=json)
    times.set_defaults(carry_out=_schedules)
    _decisions_words(word("decisions", "what was decided, and its ledger"), word, json)

    return parser


def _decisions_words(parser: argparse.ArgumentParser, word: Any, json: str) -> None:
    decided = parser.add_subparsers(metavar="WORD", required=True)
    for name, text in (
        ("list", "list them"), ("show", "one, with all that was said to it"),
        ("export", "the ledger, for others to verify"),
        ("verify", "whether the ledger holds: whether any entry was altered"),
    ):  # fmt: skip
        added = word(name, text, decided)
        added.add_argument("--series", metavar="S", help="of one series alone")
        added.add_argument("--as", dest="team", metavar="TEAM", help="as this team may know it")
        if name != "export":
            added.add_argument("--json", action="store_true", help=json)
        if name == "show":
            added.add_argument("ref", metavar="ID", help="its number or handle")
        if name == "verify":
            added.add_argument("--head", type=_hash, metavar="HASH", help="a head that was kept")
        if name == "export":
            added.add_argument("--format", choices=["jsonl", "markdown", "csv", "bundle"],
                               default="jsonl", help="default: jsonl")  # fmt: skip
            added.add_argument("--output", type=Path, metavar="FILE", help="default: printed")
            added.add_argument("--json", action="store_true", help="the same as --format jsonl")
        added.set_defaults(carry_out=_decided, asked=name)


def _indicators_words(parser: argparse.ArgumentParser, word: Any, json: str) -> None:
    words = parser.add_subparsers(metavar="WORD", required=True)
    taken = word("import", "import files; again at any time", words)
    taken.add_argument("files", nargs="+", metavar="FILE", help="STIX, or - for standard input")
    taken.add_argument("--feed", metavar="NAME", help="a feed of the configuration")
    taken.add_argument("--originator", metavar="TEAM", help="the team whose word it is")
    taken.add_argument("--marking", metavar="M", help="of what bears none, as TLP:GREEN")
    taken.set_defaults(carry_out=_import)
    looked = word("lookup", "what is known of values", words)
    looked.add_argument("values", nargs="*", metavar="VALUE", help="or - for standard input")
    looked.set_defaults(carry_out=_lookup)
    exported = word("export", "a bundle of the objects, as they came", words)
    exported.set_defaults(carry_out=_export_indicators)
    counted = word("stats", "how much each source gave", words)
    counted.set_defaults(carry_out=_stats)
    fed = word("feeds", "the feeds, and how they are", words)
    fed.add_argument("run", nargs="*", metavar="run NAME", help="read one now")
    fed.set_defaults(carry_out=_feeds)
    for each in (looked, exported, counted, fed):
        each.add_argument("--as", dest="team", metavar="TEAM", help="what this team may see")
        each.add_argument("--json", action="store_true", help=json)


def _advisories_words(parser: argparse.ArgumentParser, word: Any, json: str) -> None:
    words = parser.add_subparsers(metavar="WORD", required=True)
    listed = word("list", "list them, and who has acknowledged what", words)
    listed.set_defaults(carry_out=_list_advisories)
    shown = word("show", "one of them", words)
    shown.add_argument("ref", metavar="ID", help="its number or handle")
    shown.set_defaults(carry_out=_show_advisory)
    exported = word("export", "all of all of them", words)
    exported.add_argument("--format", choices=["csaf", "markdown", "pdf"],
                          help="what is out, as CSAF 2.1, Markdown or PDF")  # fmt: skip
    exported.add_argument("--output", type=Path, metavar="FOLDER", help="default: printed")
    exported.set_defaults(carry_out=_export_advisories)
    for each in (listed, shown, exported):
        each.add_argument("--as", dest="team", metavar="TEAM", help="what this team may see")
        each.add_argument("--json", action="store_true", help=json)


def _load(options: argparse.Namespace, *, secrets: bool = True) -> Settings:
    from bot.log import set_up  # noqa: PLC0415  what a word does not need is not loaded for it
    from bot.platforms.registry import networks  # noqa: PLC0415
    from config.settings import load  # noqa: PLC0415

    # No default in the parser: the word's own would undo an option that stands before the word.
    path: Path = getattr(options, "config", Path("liaison.toml"))
    settings = load(path, networks(), os.environ if secrets else None)
    set_up(settings.liaison.log)
    return settings


def _run(options: argparse.Namespace) -> int:
    from bot.app import run  # noqa: PLC0415

    return asyncio.run(run(_load(options)))


def _check(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import check  # noqa: PLC0415

    return asyncio.run(check(_load(options), as_json=options.json))


def _rooms(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import rooms  # noqa: PLC0415

    return asyncio.run(rooms(_load(options)))


def _reload(options: argparse.Namespace) -> int:
    from bot.terminal.operating import reload  # noqa: PLC0415

    return asyncio.run(reload(_load(options)))


def _pause(options: argparse.Namespace) -> int:
    from bot.terminal.operating import pause  # noqa: PLC0415

    return pause(_load(options), options.place)


def _resume(options: argparse.Namespace) -> int:
    from bot.terminal.operating import resume, resume_all  # noqa: PLC0415

    if options.place == "all":
        return asyncio.run(resume_all(_load(options)))
    return resume(_load(options), options.place)


def _sandbox(options: argparse.Namespace) -> int:
    from bot.sandbox import sandbox  # noqa: PLC0415

    return asyncio.run(sandbox(port=options.port, demo=options.demo, keep=options.keep))


def _manifest(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import manifest  # noqa: PLC0415

    print(manifest(_load(options, secrets=False), options.account))
    return 0


def _upgrade(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import upgraded  # noqa: PLC0415

    print(upgraded(_load(options)))
    return 0


def _backup(options: argparse.Namespace) -> int:
    from bot.terminal.safekeeping import backup  # noqa: PLC0415

    return backup(_load(options), options.file)


def _restore(options: argparse.Namespace) -> int:
    from bot.terminal.safekeeping import restore  # noqa: PLC0415

    return restore(_load(options), options.file)


def _list(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import list_deliveries  # noqa: PLC0415

    return list_deliveries(_load(options), options.state, as_json=options.json)


def _retry(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import retry  # noqa: PLC0415

    if bool(options.ids) == options.all:
        print("liaison: name the deliveries to retry, or --all", file=sys.stderr)
        return 2
    return retry(_load(options), None if options.all else options.ids)


def _drop(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import drop  # noqa: PLC0415

    return drop(_load(options), options.ids)


def _verify(options: argparse.Namespace) -> int:
    from bot.terminal.auditing import verify  # noqa: PLC0415

    return verify(_load(options), options.head)


def _export(options: argparse.Namespace) -> int:
    from bot.terminal.auditing import export  # noqa: PLC0415

    return export(_load(options), options.since, as_json=options.json)


def _import(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.importing import Whose, take_in  # noqa: PLC0415

    if options.feed and (options.originator or options.marking):
        print("liaison: --feed says whose it is and how it is marked", file=sys.stderr)
        return 2
    whose = Whose(options.feed, options.originator, options.marking)
    gc.set_threshold(100_000, 20, 100)  # the collector took half of the time of reading JSON
    return take_in(_load(options), options.files, whose)


def _lookup(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import look_up  # noqa: PLC0415

    return look_up(_load(options), options.values, options.team, as_json=options.json)


def _export_indicators(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import export  # noqa: PLC0415

    return export(_load(options), options.team, as_json=options.json)


def _stats(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import stats  # noqa: PLC0415

    return stats(_load(options), options.team, as_json=options.json)


def _feeds(options: argparse.Namespace) -> int:
    from bot.terminal.indicating.asking import feeds  # noqa: PLC0415
    from bot.terminal.indicating.feeding import run_feed  # noqa: PLC0415

    if not options.run:
        return feeds(_load(options), as_json=options.json)
    if len(options.run) != 2 or options.run[0] != "run":
        print("liaison: expected: indicators feeds [run NAME]", file=sys.stderr)
        return 2
    return run_feed(_load(options), options.run[1])


def _list_advisories(options: argparse.Namespace) -> int:
    from bot.terminal.advising import list_advisories  # noqa: PLC0415

    return list_advisories(_load(options), options.team, as_json=options.json)


def _show_advisory(options: argparse.Namespace) -> int:
    from bot.terminal.advising import show  # noqa: PLC0415

    return show(_load(options), options.ref, options.team, as_json=options.json)


def _export_advisories(options: argparse.Namespace) -> int:
    if options.format is not None:
        from bot.terminal import publishing  # noqa: PLC0415

        try:
            return publishing.export(_load(options), options.team, options.format, options.output)
        except OSError as error:
            print(f"liaison: {error.filename}: {error.strerror}", file=sys.stderr)
            return 2
    if options.output is not None:
        print("liaison: expected --format csaf, markdown or pdf with --output", file=sys.stderr)
        return 2
    from bot.terminal.advising import export  # noqa: PLC0415

    return export(_load(options), options.team, as_json=options.json)


def _schedules(options: argparse.Namespace) -> int:
    from bot.terminal.operating import list_schedules  # noqa: PLC0415

    return list_schedules(_load(options), as_json=options.json)


def _decided(options: argparse.Namespace) -> int:
    from bot.terminal import minutes  # noqa: PLC0415

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


def _hash(typed: str) -> bytes:
    """For argparse, which makes a usage error of a ValueError."""
    if len(typed) != 64:
        raise argparse.ArgumentTypeError("a head has 64 hex digits")
    return bytes.fromhex(typed)


def _moment(typed: str) -> datetime:
    from commands.grammar import read_moment  # noqa: PLC0415

    try:
        return read_moment(typed)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _trace(options: argparse.Namespace) -> int:
    from bot.terminal.inspection import trace  # noqa: PLC0415

    return trace(_load(options), options.ref, as_json=options.json)


def _db(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _decisions(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _audit(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _indicators(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _advisories(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _deliveries(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required


def _schedule(_: argparse.Namespace) -> int:
    raise AssertionError  # a word below it is required
