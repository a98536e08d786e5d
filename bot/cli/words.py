"""The words of the command line and their options; `--config` may stand before a word or after."""

from __future__ import annotations

import argparse
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli import deeds
from bot.errors import UserError

_HEAD = re.compile(r"[0-9A-Fa-f]{64}")


def parser() -> argparse.ArgumentParser:
    """Every word."""
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
    parser.add_argument("--version", action=_Version, nargs=0, help="which version this is")
    words = parser.add_subparsers(metavar="WORD", required=True)

    def word(
        name: str, text: str, within: argparse._SubParsersAction[argparse.ArgumentParser] = words
    ) -> argparse.ArgumentParser:
        added = within.add_parser(name, parents=[shared], help=text, description=text)
        added.set_defaults(carry_out=getattr(deeds, name, None))
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
    trace = word("trace", "one message's or object's way: ids, states, times; never its text")
    trace.add_argument(
        "ref", metavar="REF", help="a number, a handle, a link, a message's or delivery's id"
    )
    trace.add_argument("--json", action="store_true", help=json)

    store = word("db", "the store").add_subparsers(metavar="WORD", required=True)
    word("upgrade", "bring the store to this version", store).set_defaults(carry_out=deeds.upgrade)
    kept = word("backup", "copy the store and its keys into one file, also while it runs", store)
    kept.add_argument("file", type=Path, metavar="FILE", help="must not be there yet")
    kept.set_defaults(carry_out=deeds.backup)
    put_back = word("restore", "put a copy back; the bot starts in recovery then", store)
    put_back.add_argument("file", type=Path, metavar="FILE", help="as `db backup` wrote it")
    put_back.set_defaults(carry_out=deeds.restore)

    deliveries = word("deliveries", "what is on its way, unclear or dead").add_subparsers(
        metavar="WORD", required=True
    )
    listed = word("list", "list them", deliveries)
    listed.add_argument("--state", choices=["waiting", "unknown", "dead"])
    listed.add_argument("--json", action="store_true", help=json)
    listed.set_defaults(carry_out=deeds.list_deliveries)
    retried = word("retry", "try dead ones again", deliveries)
    retried.add_argument("ids", nargs="*", metavar="ID")
    retried.add_argument("--all", action="store_true", help="every dead one")
    retried.set_defaults(carry_out=deeds.retry)
    dropped = word("drop", "give up on some", deliveries)
    dropped.add_argument("ids", nargs="+", metavar="ID")
    dropped.set_defaults(carry_out=deeds.drop)

    audit = word("audit", "the record of what was done").add_subparsers(
        metavar="WORD", required=True
    )
    verified = word("verify", "whether the record holds: whether any row was altered", audit)
    verified.add_argument("--head", type=hash_of, metavar="HASH", help="a head that somebody kept")
    verified.set_defaults(carry_out=deeds.verify)
    exported = word("export", "the record itself, from a time on", audit)
    exported.add_argument(
        "--since", type=moment, required=True, metavar="T", help="as 2026-11-24T09:00Z"
    )
    exported.add_argument("--json", action="store_true", help=json)
    exported.set_defaults(carry_out=deeds.export)

    _indicators_words(word("indicators", "what the allies know about values"), word, json)
    _advisories_words(word("advisories", "what the allies warn of together"), word, json)
    scheduled = word("schedule", "what happens at a time").add_subparsers(
        metavar="WORD", required=True
    )
    times = word("list", "list what is to come", scheduled)
    times.add_argument("--json", action="store_true", help=json)
    times.set_defaults(carry_out=deeds.schedules)
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
            added.add_argument("--head", type=hash_of, metavar="HASH", help="a head that was kept")
        if name == "export":
            added.add_argument("--format", choices=["jsonl", "markdown", "csv", "bundle"],
                               default="jsonl", help="default: jsonl")  # fmt: skip
            added.add_argument("--output", type=Path, metavar="FILE", help="default: printed")
            added.add_argument("--json", action="store_true", help="the same as --format jsonl")
        added.set_defaults(carry_out=deeds.decided, asked=name)


def _indicators_words(parser: argparse.ArgumentParser, word: Any, json: str) -> None:
    words = parser.add_subparsers(metavar="WORD", required=True)
    taken = word("import", "import files; again at any time", words)
    taken.add_argument("files", nargs="+", metavar="FILE", help="STIX, or - for standard input")
    taken.add_argument("--feed", metavar="NAME", help="a feed of the configuration")
    taken.add_argument("--originator", metavar="TEAM", help="the team whose word it is")
    taken.add_argument("--marking", metavar="M", help="of what bears none, as TLP:GREEN")
    taken.set_defaults(carry_out=deeds.take_in)
    looked = word("lookup", "what is known of values", words)
    looked.add_argument("values", nargs="*", metavar="VALUE", help="or - for standard input")
    looked.set_defaults(carry_out=deeds.lookup)
    exported = word("export", "a bundle of the objects, as they came", words)
    exported.set_defaults(carry_out=deeds.export_indicators)
    counted = word("stats", "how much each source gave", words)
    counted.set_defaults(carry_out=deeds.stats)
    fed = word("feeds", "the feeds, and how they are", words)
    fed.add_argument("run", nargs="*", metavar="run NAME", help="read one now")
    fed.set_defaults(carry_out=deeds.feeds)
    for each in (looked, exported, counted, fed):
        each.add_argument("--as", dest="team", metavar="TEAM", help="what this team may see")
        each.add_argument("--json", action="store_true", help=json)


def _advisories_words(parser: argparse.ArgumentParser, word: Any, json: str) -> None:
    words = parser.add_subparsers(metavar="WORD", required=True)
    listed = word("list", "list them, and who has acknowledged what", words)
    listed.set_defaults(carry_out=deeds.list_advisories)
    shown = word("show", "one of them", words)
    shown.add_argument("ref", metavar="ID", help="its number or handle")
    shown.set_defaults(carry_out=deeds.show_advisory)
    exported = word("export", "every one of them, whole", words)
    exported.add_argument("--format", choices=["csaf", "markdown", "pdf"],
                          help="what is out, as CSAF 2.1, Markdown or PDF")  # fmt: skip
    exported.add_argument("--output", type=Path, metavar="FOLDER", help="default: printed")
    exported.set_defaults(carry_out=deeds.export_advisories)
    for each in (listed, shown, exported):
        each.add_argument("--as", dest="team", metavar="TEAM", help="what this team may see")
        each.add_argument("--json", action="store_true", help=json)


class _Version(argparse.Action):
    """Says the version that is installed; what knows it is loaded for that alone."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415

        print(f"liaison {version('liaison')}")
        parser.exit()


def hash_of(typed: str) -> bytes:
    """For argparse: the hash of a head."""
    if _HEAD.fullmatch(typed) is None:
        raise argparse.ArgumentTypeError("a head has 64 hex digits")
    return bytes.fromhex(typed)


def moment(typed: str) -> datetime:
    """For argparse: a moment with its zone."""
    from commands.grammar import read_moment  # noqa: PLC0415

    try:
        return read_moment(typed)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
