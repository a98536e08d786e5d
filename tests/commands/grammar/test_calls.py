"""Whether a message is a command, nearly one, or said to people."""

# ruff: noqa: RUF001  the characters that phones and East Asian keyboards send are the input here
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.grammar import Call, NearMiss, closest, read_call, read_slash

NAMES = frozenset({"help", "ping", "status", "ioc", "who-reacted", "ask-release"})
TEXT = st.one_of(st.text(), st.text(st.sampled_from(list("!/！ @:iochelp-\u200b\"'")), max_size=12))


def read(text: str, *, addressed: bool = False, direct: bool = False) -> Call | NearMiss | None:
    return read_call(
        text,
        names=NAMES,
        addressed=addressed,
        direct=direct,
        bot_names=("Liaison", "Our Liaison"),
    )


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("!ioc x", Call("ioc", "x")),
        ("  ！ioc x", Call("ioc", "x")),
        ("/ioc x", Call("ioc", "x")),
        ("／ioc x", Call("ioc", "x")),
        ("!IOC\u00a0x", Call("ioc", "x")),
        ("!ｉｏｃ x", Call("ioc", "x")),
        ("!io\u200dc x", Call("ioc", "x")),
        ("!ping", Call("ping")),
        ("!ioc\nx  \n y\n", Call("ioc", "x  \n y")),
        ("!who-reacted", Call("who-reacted")),
        ("!who reacted", Call("who-reacted")),
        ("!who_reacted", Call("who-reacted")),
        ("!Who\u2011Reacted here", Call("who-reacted", "here")),
        ("!ask release RTF", Call("ask-release", "RTF")),
        ("!liaison ioc x", Call("ioc", "x")),
        ("@Liaison ioc x", Call("ioc", "x")),
        ("@liaison: ioc x", Call("ioc", "x")),
        ("@Our Liaison, !ioc x", Call("ioc", "x")),
    ],
)
def test_calls(text: str, call: Call) -> None:
    assert read(text) == call


@pytest.mark.parametrize(
    ("text", "miss"),
    [
        ("!icoc x", NearMiss("icoc", "ioc")),
        ("!oic x", NearMiss("oic", "ioc")),
        ("!iox x", NearMiss("iox", "ioc")),
        ("!stauts", NearMiss("stauts", "status")),
        ("/pnig", NearMiss("pnig", "ping")),
        ("!ioc: x", NearMiss("ioc", "ioc")),
        ("!ioc198.51.100.7", NearMiss("ioc", "ioc")),
        ("!!ioc x", NearMiss("ioc", "ioc")),
        ("//ioc x", NearMiss("ioc", "ioc")),
        ("! ioc x", NearMiss("ioc", "ioc")),
        ("!liason ioc x", NearMiss("liason", "liaison")),
        ("@Liason ioc x", NearMiss("ioc", "ioc")),
        ("@Liaisons ioc x", NearMiss("ioc", "ioc")),
        ("!who-reactd", NearMiss("who-reactd", "who-reacted")),
        ("@Liaison wow", NearMiss("wow")),
        ("@Liaison", NearMiss("")),
    ],
)
def test_near_misses(text: str, miss: NearMiss) -> None:
    assert read(text) == miss


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ioc x",
        "!important: read this",
        "! wow",
        "!!!",
        "!",
        "!hello all",
        "/etc/passwd is readable",
        "/s",
        "1! ioc",
        "I said !ioc x",
        "Liaison ioc x",
        "thanks @Liaison",
        "@Ada ioc x",
        "@Liaison's report",
        "!" + "a" * 10_000,
    ],
)
def test_what_is_said_to_people_is_an_ordinary_message(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Liaison: ioc x", Call("ioc", "x")),
        ("Liaison ioc x", Call("ioc", "x")),
        ("@Liaison!ioc x", Call("ioc", "x")),
        ("@Liaison", NearMiss("")),
        ("  ", NearMiss("")),
        ("@Liaison hepl me", NearMiss("hepl", "help")),
        ("@Liaison thank you", NearMiss("thank")),
        ("hey @Liaison ioc x", NearMiss("ioc", "ioc")),
        ("@Liaison's idea, @Liaison ioc x", NearMiss("ioc", "ioc")),
        ("!ioc x @Liaison", Call("ioc", "x @Liaison")),
        ("thanks @Liaison for this", None),
        ("ask @Liaison", None),
    ],
)
def test_a_mention_addresses_the_bot_where_it_begins_the_message(
    text: str, result: Call | NearMiss | None
) -> None:
    assert read(text, addressed=True) == result


def test_without_names_the_text_is_what_follows_the_mention() -> None:
    assert read_call("ioc x", names=NAMES, addressed=True) == Call("ioc", "x")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ioc x", Call("ioc", "x")),
        ("Ioc x", Call("ioc", "x")),
        ("!ioc x", Call("ioc", "x")),
        ("@Liaison ioc x", Call("ioc", "x")),
        ("hello there", NearMiss("hello", "help")),
        ("bonjour", NearMiss("bonjour")),
        ("", None),
    ],
)
def test_in_a_direct_room_no_prefix_is_needed(text: str, result: Call | NearMiss | None) -> None:
    assert read(text, direct=True) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("liaison ioc x", Call("ioc", "x")),
        ("ioc <http://x.example|x.example>", Call("ioc", "x.example")),
        ("ioc a &amp; b", Call("ioc", "a & b")),
        ("liaison", NearMiss("")),
        ("liaison icoc", NearMiss("icoc", "ioc")),
        ("liaison help", Call("help")),
        ("liaison !ioc x", Call("ioc", "x")),
        ("liaison /ioc x", Call("ioc", "x")),
    ],
)
def test_slash_commands(text: str, result: Call | NearMiss) -> None:
    assert read_slash(text, NAMES) == result


def test_what_a_network_did_not_escape_is_not_unescaped() -> None:
    assert read_slash("ioc &amp;", NAMES, escaped=False) == Call("ioc", "&amp;")


@given(TEXT.filter(lambda text: text.strip("\u200b\ufeff\u2060 ")[:1] not in {*"!/！／﹗@＠"}))
def test_a_message_that_calls_nobody_is_an_ordinary_message(text: str) -> None:
    if text.strip()[:1] not in {*"!/！／﹗@＠"}:
        assert read(text) is None


@given(TEXT, st.booleans(), st.booleans())
def test_reading_raises_nothing(text: str, addressed: bool, direct: bool) -> None:
    read(text, addressed=addressed, direct=direct)
    read_slash(text, NAMES)


@given(st.sampled_from(sorted(NAMES)), TEXT)
def test_every_command_is_read_in_every_form(name: str, text: str) -> None:
    call = read(f"!{name} {text}")
    assert isinstance(call, Call)
    assert call.name == name
    assert call.text in text
    for form in (f"@Liaison {name} {text}", f"/{name} {text}", f"!liaison {name} {text}"):
        assert read(form) == call
    assert read(f"{name} {text}", direct=True) == call
    assert read_slash(f"liaison {name} {text}", NAMES, escaped=False) == call


@given(st.sampled_from(sorted(NAMES)), st.data())
def test_one_slip_in_a_name_is_never_an_ordinary_message(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slips = [name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :]]
    slips.append(name[:at] + name[at + 1 :])
    slips.append(name[:at] + name[at : at + 2][::-1] + name[at + 2 :])
    for slip in slips:
        assert read(f"!{slip} 198.51.100.7") is not None, slip


def test_nothing_close_is_suggested_for_nothing() -> None:
    assert closest("", NAMES) is None
    assert closest("x" * 10_000, NAMES) is None


@pytest.mark.parametrize("hostile", ["!" * 99_999, "@Liaison " * 9_000, "!" + "ioc-" * 20_000])
def test_hostile_text_takes_time_in_proportion(hostile: str) -> None:
    began = time.process_time()
    read(hostile, addressed=True)
    read("x " + hostile, addressed=True)
    assert time.process_time() - began < 10
