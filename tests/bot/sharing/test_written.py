# ruff: noqa: RUF001  letters that look like others are what this is about
"""Markings as people write them: what they set, and what can only raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.richtext import (
    CodeBlock,
    LineBreak,
    Link,
    List,
    Mention,
    Paragraph,
    Quote,
    RichText,
    Style,
    Text,
    say,
)
from bot.richtext.tree import Details, Inline, Item, Table
from bot.sharing.marking import Label, Marking
from bot.sharing.written import read_marking

CLEAR, GREEN, AMBER, STRICT, RED = Label

SET = [
    ("TLP:AMBER hello", AMBER),
    ("TLP:AMBER+STRICT hello", STRICT),
    ("[TLP:AMBER+STRICT] hello", STRICT),
    ("(TLP:GREEN) hello", GREEN),
    ("**TLP:GREEN** hello", GREEN),
    ("TLP:CLEAR: hello", CLEAR),
    ("TLP:CLEAR - hello", CLEAR),
    ("tlp amber strict", STRICT),
    ("tlp amber strict\nhello", STRICT),
    ("tlp:amber-strict hello", STRICT),
    ("TLP: GREEN\nhello", GREEN),
    ("TLP-GREEN\nhello", GREEN),
    ("tlp:green hello", GREEN),
    ("Tlp Green\nhello", GREEN),
    ("ＴＬＰ：ＧＲＥＥＮ hello", GREEN),
    ("ｔｌｐ：ａｍｂｅｒ＋ｓｔｒｉｃｔ", STRICT),
    ("TLP:WHITE\nhello", CLEAR),
    ("TLP:RED hello", RED),
    ("  \n\nTLP:GREEN\nhello", GREEN),
    ("hello\nTLP:GREEN", GREEN),
    ("hello\n[TLP:GREEN]\n\n", GREEN),
    ("hello TLP:GREEN", GREEN),
    ("hello (TLP:GREEN)", GREEN),
    ("TLP:GREEN\nhello\nTLP:AMBER", AMBER),
]
"""What its author says of the message."""


@pytest.mark.parametrize(("text", "label"), SET)
def test_a_label_that_begins_or_ends_a_message_is_its_marking(text: str, label: Label) -> None:
    written = read_marking(say(text))
    assert written.label is label
    assert written.marking(Label.AMBER).label is label


SPOKEN = [
    ("what does TLP:RED mean?", RED),
    ("is this\nTLP:AMBER\nor not", AMBER),
    ("it is not TLP:GREEN any more", GREEN),
    ("See TLP:CLEAR.", CLEAR),
    ("say “TLP:AMBER+STRICT”, please", STRICT),
    ("TL\u200bP:GREEN hello", GREEN),
    ("TLP:GRE\u00adEN hello", GREEN),
    ("ТLР:GRЕЕN hello", GREEN),
    ("tlp:rеd at the end", RED),
    ("🆃🅻🅿 🅡🅔🅓", RED),
    ("𝐓𝐋𝐏:𝐑𝐄𝐃 is only another type", RED),
    ("\u202eDER:PLT", RED),
    ("TLPRED hello", RED),
    ("see report_TLP_RED_v2.pdf there", RED),
]
"""What only raises. Mathematical letters are NFKC's own: they are the same label."""


@pytest.mark.parametrize(("text", "label"), SPOKEN)
def test_a_label_that_is_merely_spoken_of_raises_and_never_lowers(text: str, label: Label) -> None:
    written = read_marking(say(text))
    assert written.spoken is label
    assert written.marking(Label.CLEAR).label is label
    assert written.marking(Label.RED).label is Label.RED
    if not text.startswith("𝐓"):
        assert written.label is None
        assert written.marking(Label.AMBER).label is max(label, Label.AMBER)


NOTHING = [
    "",
    "hello",
    "TLP is nice",
    "TLP 2.0 has five labels",
    "about TLP: see the docs",
    "relax, release tomorrow",
    "a green light",
    "httplp:redis",
    "stlp:red",
    "TLP:2.0",
]


@pytest.mark.parametrize("text", NOTHING)
def test_other_text_says_nothing_of_markings(text: str) -> None:
    written = read_marking(say(text))
    assert (written.label, written.releasable, written.spoken, written.doubt) == (
        None, (), None, None,
    )  # fmt: skip


DOUBTS = [
    ("TLP:PURPLE", RED),
    ("TLP:PURPLE hello", RED),
    ("we said TLP:PURPLE there", RED),
    ("TLP:GREENISH hello", GREEN),
    ("TLP:AMBR hello", AMBER),
    ("TLP: AMBR hello", AMBER),
    ("[TLP AMBR] hello\nmore", AMBER),
    ("TLP:AMBER STRIC hello", STRICT),
    ("TLP:AMBER+STRIC", STRICT),
    ("TLP:AMBER+FOO", STRICT),
    ("TLP:AMBER strictly speaking", STRICT),
]


@pytest.mark.parametrize(("text", "nearest"), DOUBTS)
def test_what_is_nearly_a_label_counts_as_the_most_restrictive(text: str, nearest: Label) -> None:
    written = read_marking(say(text))
    assert written.doubt is not None
    assert written.marking(Label.CLEAR).label is Label.RED
    assert written.doubt.nearest is nearest


RELEASABLE = [
    ("TLP:AMBER REL FRA, DEU\nhello", [{"fra", "deu"}]),
    ("TLP:AMBER rel inner\nhello", [{"inner"}]),
    ("[TLP:AMBER REL inner, partners] hello, you", [{"inner", "partners"}]),
    ("(TLP:AMBER+STRICT REL cert-alpha) hello", [{"cert-alpha"}]),
    ("TLP:GREEN REL FRA: hello, you", [{"fra"}]),
    ("REL FRA, DEU\nhello", [{"fra", "deu"}]),
    ("[REL inner] hello", [{"inner"}]),
    ("hello\nREL inner", [{"inner"}]),
    ("REL\nhello", [set()]),
    ("TLP:AMBER REL\nhello", [set()]),
    ("TLP:AMBER REL ,\nhello", [set()]),
    ("TLP:AMBER REL FRA\nhello\nTLP:AMBER REL DEU", [{"fra"}, {"deu"}]),
    ("hello, REL FRA is a word here", []),
    ("RELEASE 5 is out", []),
    ("TLP:AMBER\nREL FRA\nhello", [{"fra"}]),
    ("hello\nREL FRA\nTLP:AMBER", [{"fra"}]),
    ("TLP:AMBER hello\nREL FRA\nyou", []),
    ("hello\nREL FRA\nyou", []),
    ("as (TLP:GREEN REL FRA) says", [{"fra"}]),
]


@pytest.mark.parametrize(("text", "lists"), RELEASABLE)
def test_lists_of_those_it_is_releasable_to(text: str, lists: list[set[str]]) -> None:
    assert read_marking(say(text)).releasable == tuple(frozenset(each) for each in lists)


GREENED: list[Inline] = [
    Text("TLP:GREEN", Style.CODE),
    Text("TLP:GREEN", Style.SPOILER),
    Text("TLP:GREEN", Style.STRIKE),
    Link("https://example.org/", "TLP:GREEN"),
    Mention("slack:alpha/U1", "TLP:GREEN"),
]


@pytest.mark.parametrize("leaf", GREENED, ids=lambda leaf: type(leaf).__name__)
def test_what_is_no_open_word_of_the_author_lowers_nothing(leaf: Inline) -> None:
    body = RichText((Paragraph((leaf, LineBreak(), Text("hello"))),))
    assert read_marking(body).label is None
    assert read_marking(body).spoken is Label.GREEN


@pytest.mark.parametrize(
    "block",
    [
        CodeBlock("TLP:GREEN"),
        Quote((Paragraph((Text("TLP:GREEN"),)),)),
        Table((((Text("TLP:GREEN"),),),)),
        Details((Text("TLP:GREEN"),), (Paragraph((Text("TLP:GREEN"),)),)),
    ],
    ids=lambda block: type(block).__name__,
)
def test_what_is_quoted_or_code_lowers_nothing(block: CodeBlock | Quote | Table | Details) -> None:
    for blocks in [(block,), (block, Paragraph((Text("hello"),)))]:
        written = read_marking(RichText(blocks))
        assert written.label is None
        assert written.spoken is Label.GREEN


def test_a_label_that_is_partly_bold_or_in_a_list_is_one() -> None:
    bold = RichText((Paragraph((Text("TLP:", Style.BOLD), Text("GREEN hello"))),))
    assert read_marking(bold).label is Label.GREEN
    listed = RichText((List(False, (Item((Paragraph((Text("TLP:GREEN"),)),)),)),))
    assert read_marking(listed).label is Label.GREEN


def test_a_label_that_is_open_only_in_part_is_none() -> None:
    body = RichText((Paragraph((Text("TLP:"), Text("GREEN", Style.CODE), Text(" hello"))),))
    assert read_marking(body).label is None


def test_names_of_files_count_as_text_that_can_only_raise() -> None:
    written = read_marking(say("here"), ["TLP-RED notes.pdf"])
    assert written.label is None
    assert written.marking(Label.GREEN).label is Label.RED
    assert read_marking(say(""), ["TLP:CLEAR"]).marking(Label.AMBER).label is Label.AMBER


def test_a_marking_is_written_as_one_would() -> None:
    lists = (frozenset({"fra", "deu"}), frozenset[str]())
    assert str(Marking(Label.AMBER, lists)) == "TLP:AMBER REL DEU, FRA REL"


_WORDS = st.sampled_from(
    ["hello", "TLP:GREEN", "tlp amber", "TLP:RED", "`", "REL FRA", "\n", " ", ":", "[", "]", "＋"]
)


@given(st.lists(_WORDS, max_size=12).map("".join), st.sampled_from(list(Label)))
def test_a_message_is_at_least_as_strict_as_anything_in_it(text: str, default: Label) -> None:
    written = read_marking(say(text))
    marking = written.marking(default)
    assert written.spoken is None or marking.label >= written.spoken
    if written.label is None:
        assert marking.label >= default


@given(st.text(max_size=200), st.sampled_from(list(Label)))
def test_any_text_is_read(text: str, default: Label) -> None:
    read_marking(say(text)).marking(default)
