"""Slack's names of emoji."""

# ruff: noqa: E501  a case is one line

from __future__ import annotations

import pytest
from emoji import EMOJI_DATA, STATUS

from bot.platforms.slack.markup import emoji_names

NAMES = [
    ("wave", "👋"), ("thumbsup", "👍"), ("+1", "👍"), ("-1", "👎"), ("white_check_mark", "✅"),
    ("heavy_check_mark", "✔️"), ("warning", "⚠️"), ("x", "❌"), ("question", "❓"), ("eyes", "👀"),
    ("heart", "❤️"), ("dog", "🐶"), ("cat", "🐱"), ("email", "✉️"), ("e-mail", "📧"),
    ("flag-fr", "🇫🇷"), ("fr", "🇫🇷"), ("flag-england", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"), ("rainbow-flag", "🏳️‍🌈"),
    ("female-firefighter", "👩‍🚒"), ("male-doctor", "👨‍⚕️"), ("man-running", "🏃‍♂️"),
    ("man-woman-girl-boy", "👨‍👩‍👧‍👦"), ("female_vampire", "🧛‍♀️"), ("spock-hand", "🖖"),
    ("large_orange_circle", "🟠"), ("rolling_on_the_floor_laughing", "🤣"),
    ("thinking_face", "🤔"), ("the_horns", "🤘"), ("skin-tone-3", "🏼"), ("keycap_star", "*️⃣"),
    ("hand::skin-tone-3", "✋🏼"), ("thumbsup::skin-tone-3", "👍🏼"), ("+1::skin-tone-6", "👍🏿"), ("man-running::skin-tone-2", "🏃🏻‍♂️"),
    ("point_up::skin-tone-4", "☝🏽"), ("female-firefighter::skin-tone-6", "👩🏿‍🚒"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sequence"), NAMES)
def test_a_name_is_its_emoji(name: str, sequence: str) -> None:
    assert emoji_names.sequence_of(name) == sequence
    assert emoji_names.sequence_of(emoji_names.name_of(sequence) or "") == sequence


@pytest.mark.parametrize(
    "name", ["party_parrot", "", "wave::skin-tone-9", "wave::x", "nobody::skin-tone-2"]
)
def test_an_unknown_name_has_no_emoji(name: str) -> None:
    assert emoji_names.sequence_of(name) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("✔", "heavy_check_mark"), ("⚠", "warning"), ("❤", "heart"), (":party_parrot:", "party_parrot"),
        ("👍", "+1"), ("👎🏿", "-1::skin-tone-6"), ("💩", "hankey"), ("😆", "laughing"), ("📝", "memo"),
        ("❗", "exclamation"), ("🐬", "dolphin"), ("👕", "shirt"), ("✉️", "email"),
        ("::", None), (":a b:", None), ("", None), ("a", None), ("👋👋", None), ("👩🏻‍🤝‍👨🏿", None),
    ],
)  # fmt: skip
def test_an_emojis_name_is_the_one_that_slack_uses(text: str, name: str | None) -> None:
    assert emoji_names.name_of(text) == name


def test_every_emoji_has_a_name_that_is_its_own() -> None:
    for text, data in EMOJI_DATA.items():
        name = emoji_names.name_of(text)
        if name is None or data["status"] > STATUS["fully_qualified"]:
            continue
        assert emoji_names.NAME.fullmatch(name.partition("::")[0].lower()), name
        assert emoji_names.sequence_of(name) == text
