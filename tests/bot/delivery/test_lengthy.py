"""The bot's own words in parts: nothing lost, nothing too long, the label on each."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.lengthy import in_parts
from bot.richtext import plain, say
from bot.words import words_for
from tests.fake_platform import BARE

WORDS = words_for("en")
LINES = st.lists(st.text("abc xyz", min_size=1, max_size=60), min_size=1, max_size=60)
LABELS = st.sampled_from(["", "TLP:CLEAR ", "TLP:AMBER+STRICT "])


@given(LINES, LABELS, st.integers(150, 400))
def test_every_part_fits_and_bears_the_label_and_nothing_is_lost(
    lines: list[str], label: str, longest: int
) -> None:
    body = say(label + "\n".join(lines))
    parts = in_parts(body, replace(BARE, longest_text=longest), WORDS)
    texts = [plain(each) for each in parts]
    assert max(map(len, texts)) <= longest
    assert all(text.startswith(label.strip()) for text in texts)
    rest = [texts[0], *(text.removeprefix(label.strip()) for text in texts[1:])]
    if not texts[-1].endswith("too long to be shown here."):
        assert "".join("".join(rest).split()) == "".join(plain(body).split())
    else:
        assert "".join(plain(body).split()).startswith("".join(texts[0].split()))


def test_what_fits_is_left_as_it_is() -> None:
    body = say("TLP:GREEN short")
    assert in_parts(body, BARE, WORDS) == (body,)
