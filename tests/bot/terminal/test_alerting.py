"""What `check` says of mail and alerts; it sends nothing, and shows no URL."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.platforms.base import Finding
from bot.terminal.alerting import try_alerts
from config.settings import load
from tests.bot.sharing.allies import NETWORKS
from tests.certificates import certificate
from tests.mailroom import PASSWORD, USER, Mailbox, mail_server

TEAM = '[teams.x]\nalerts = ["mailto:duty@x.example", "json://hooks.example/hidden"]\n'
ACCOUNT = '[slack.alpha]\nbot_token = "xoxb-1"\napp_token = "xapp-1"\n'


def checked(folder: Path, text: str) -> list[Finding]:
    path = folder / "liaison.toml"
    path.write_text(ACCOUNT + text)
    return asyncio.run(try_alerts(load(path, NETWORKS, {"PW": PASSWORD, "BAD": "wrong"})))


def mail(port: int, scheme: str = "smtp", more: str = "") -> str:
    user = f"{USER}@" if more else ""
    return (
        f'[mail]\nserver = "{scheme}://{user}127.0.0.1:{port}"\n'
        f'from = "liaison@a.example"\n{more}\n'
    )


def test_a_server_that_lets_us_in_is_well_and_is_sent_nothing(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        found = checked(tmp_path, mail(box.port) + TEAM)
    assert [each.ok for each in found] == [True, True]
    assert not box.messages
    assert "hidden" not in str(found)


def test_a_refused_login_says_which_keys_to_mend(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with mail_server(Mailbox(), "login", pem) as box:
        keys = f'password = "env:BAD"\nca_file = "{pem}"'
        (found,) = checked(tmp_path, mail(box.port, "smtp+starttls", keys))
    assert not found.ok
    assert "mail.password" in found.mend
    assert "wrong" not in str(found)


def test_mail_without_a_server_says_what_to_add(tmp_path: Path) -> None:
    found = checked(tmp_path, TEAM)
    assert not found[0].ok
    assert "add [mail]" in found[0].mend


def test_a_url_of_no_service_is_found_by_its_place_and_not_shown(tmp_path: Path) -> None:
    text = '[teams.x]\nalerts = ["nosuch://hidden-token/x"]\n'
    (found,) = checked(tmp_path, text)
    assert (found.what, found.ok) == ("teams.x.alerts[0]: nosuch", False)
    assert "hidden" not in str(found)
