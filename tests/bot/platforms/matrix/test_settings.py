from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from bot.platforms.matrix import NETWORK
from bot.platforms.matrix.settings import MatrixSettings

GOOD: dict[str, object] = {
    "homeserver": "https://matrix.example.org/",
    "user_id": "@liaison:example.org",
    "password": "hidden",
}


def test_good_settings_are_read_and_show_no_secret() -> None:
    settings = MatrixSettings.model_validate(GOOD)
    assert settings.homeserver == "https://matrix.example.org"
    assert settings.password == SecretStr("hidden")
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    "change",
    [
        {"homeserver": "matrix.example.org"},
        {"homeserver": "https://user:pass@example.org"},
        {"homeserver": "https://[::1"},
        {"user_id": "liaison"},
        {"user_id": "@liaison"},
        {"password": None},
        {"access_token": "as well"},
        {"recovery_key": "EsTc hidden"},
        {"unverified_devices": "hidden"},
        {"passwort": "typo"},
    ],
)
def test_bad_settings_are_refused_without_repeating_them(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        MatrixSettings.model_validate({**GOOD, **change})
    assert "hidden" not in str(caught.value)


def test_a_recovery_key_is_read_as_clients_show_it() -> None:
    # the example of the specification's appendix "Cryptographic key representation"
    shown = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d"
    groups = " ".join(shown[at : at + 4] for at in range(0, len(shown), 4))
    for written in (shown, groups):
        settings = MatrixSettings.model_validate({**GOOD, "recovery_key": written})
        assert settings.recovery_key is not None
        assert written not in repr(settings)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("!31hneApxJ_1o-63DmFrpeqnkFfWppzcWBv1JVBH3lSc", True),
        ("!abc:example.org", True),
        ("!a/b:example.org", True),
        ("#ransomware:example.org", True),
        ("#ransomware:example.org:8448", True),
        ("#ransomware", False),
        ("ransomware", False),
        ("", False),
        ("!", False),
        ("!with space:example.org", False),
        ("!" + "x" * 300, False),
    ],
)
def test_a_room_is_an_id_or_an_alias(text: str, good: bool) -> None:
    assert NETWORK.parse_room(text) == (text if good else None)


@pytest.mark.parametrize(
    ("text", "member", "person"),
    [
        ("@ada:example.org", "@ada:example.org", True),
        ("Example.org", "example.org", False),
        ("example.org:8448", "example.org:8448", False),
        ("@ada", None, False),
        ("not a server", None, False),
        ("", None, False),
    ],
)
def test_a_member_is_a_server_or_a_person(text: str, member: str | None, person: bool) -> None:
    assert NETWORK.parse_member(text, frozenset()) == member
    assert member is None or NETWORK.is_person(member) is person
