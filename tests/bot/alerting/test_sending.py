"""Alerts against real servers: mail in every manner of `[mail]`, and services by their URLs."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from bot.alerting.sending import Note, Post, Sender, Ways
from tests.certificates import certificate
from tests.mailroom import PASSWORD, USER, Hook, Mailbox, mail_server, web_hook

NOTE = Note("g-7kq2m-1", "g-7kq2m critical", ("g-7kq2m critical", "https://example.org/room"))
TO = "mailto:duty@bravo.example"


def post(port: int, scheme: str = "smtp", **more: str | None) -> Post:
    known = {"user": None, "password": None, "ca_file": None} | more
    return Post(scheme, "127.0.0.1", port, sender="liaison@a.example", **known)


def sent(mail: Post | None, target: str = TO) -> str:
    return asyncio.run(Sender(Ways(mail), longest=60).send(target, NOTE))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_mail_holds_the_number_the_severity_and_the_link_and_no_more() -> None:
    with mail_server(Mailbox()) as box:
        assert not sent(post(box.port))
    (message,) = box.messages
    assert message["Subject"] == "g-7kq2m critical"
    assert message["To"] == "duty@bravo.example"
    assert message["Message-ID"] == "<g-7kq2m-1@a.example>"
    assert message.get_content().splitlines() == list(NOTE.lines)


def test_a_server_on_this_machine_is_encrypted_to_where_it_offers_that(tmp_path: Path) -> None:
    with mail_server(Mailbox(), "starttls", certificate(tmp_path)) as box:
        assert not sent(post(box.port))
    assert box.encrypted == [True]


def test_starttls_that_is_demanded_is_not_done_without() -> None:
    with mail_server(Mailbox()) as box:
        assert sent(post(box.port, "smtp+starttls")) == "no starttls"
    assert not box.messages


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    with mail_server(Mailbox(), "starttls", certificate(tmp_path)) as box:
        assert sent(post(box.port, "smtp+starttls")) == "certificate"
    assert not box.messages


@pytest.mark.parametrize(("kind", "scheme"), [("starttls", "smtp+starttls"), ("tls", "smtps")])
def test_a_certificate_of_ones_own_is_trusted_by_ca_file(
    tmp_path: Path, kind: str, scheme: str
) -> None:
    pem = certificate(tmp_path)
    with mail_server(Mailbox(), kind, pem) as box:
        assert not sent(post(box.port, scheme, ca_file=str(pem)))
    assert box.encrypted == [True]


@pytest.mark.parametrize(("password", "why"), [(PASSWORD, ""), ("wrong", "login")])
def test_a_password_is_a_login_after_starttls(tmp_path: Path, password: str, why: str) -> None:
    pem = certificate(tmp_path)
    with mail_server(Mailbox(), "login", pem) as box:
        mail = post(box.port, "smtp+starttls", user=USER, password=password, ca_file=str(pem))
        assert asyncio.run(Sender(Ways(mail), longest=60).try_mail()) == why
        assert not box.messages, "trying sends nothing"
        assert sent(mail) == why
    assert box.users == ([] if why else [USER])


def test_a_server_that_takes_nothing_has_refused() -> None:
    with mail_server(Mailbox(refuses=True)) as box:
        assert sent(post(box.port)) == "refused"


def test_a_server_that_is_down_is_unreachable() -> None:
    assert sent(post(free_port())) == "unreachable"


def test_mail_without_a_server_goes_nowhere() -> None:
    assert sent(None) == "no server"


def test_no_text_of_the_ways_shows_the_password() -> None:
    mail = post(25, user=USER, password=PASSWORD)
    assert PASSWORD not in repr(mail) + repr(Ways(mail)) + str(mail)


# ── services ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["json", "http"])
def test_a_service_is_posted_the_same_lines(scheme: str) -> None:
    async def work() -> tuple[str, Hook]:
        async with web_hook(Hook()) as hook:
            url = f"{scheme}://127.0.0.1:{hook.port}/duty?token=hidden"
            return await Sender(Ways(), longest=60).send(url, NOTE), hook

    why, hook = asyncio.run(work())
    assert not why
    (posted,) = hook.posted
    assert posted["title"] == "g-7kq2m critical"
    assert posted["message"].strip() == "g-7kq2m critical\nhttps://example.org/room"


def test_a_service_that_fails_has_not_taken_it() -> None:
    async def work() -> str:
        async with web_hook(Hook(status=503)) as hook:
            return await Sender(Ways(), longest=60).send(f"json://127.0.0.1:{hook.port}/", NOTE)

    assert asyncio.run(work()) == "not taken"


def test_a_service_leads_nowhere_that_was_not_configured() -> None:
    async def work() -> tuple[str, Hook]:
        async with web_hook(Hook()) as hook:
            hook.leads_to = f"http://127.0.0.1:{hook.port}/secret"
            url = f"json://127.0.0.1:{hook.port}/"
            return await Sender(Ways(), longest=60).send(url, NOTE), hook

    why, hook = asyncio.run(work())
    assert why == "not taken"
    assert not hook.posted


def test_a_service_that_never_answers_is_given_up() -> None:
    async def work() -> str:
        async with web_hook(Hook(silent=True)) as hook:
            return await Sender(Ways(), longest=1.0).send(f"json://127.0.0.1:{hook.port}/", NOTE)

    assert asyncio.run(work()) == "timeout"


def test_one_that_never_answers_holds_up_none_of_those_beside_it() -> None:
    async def work() -> list[str]:
        async with web_hook(Hook(silent=True)) as stuck, web_hook(Hook()) as well:
            sender = Sender(Ways(), longest=100)
            # Apprise itself gives up after four seconds, which a busy machine may need for the rest
            urls = [f"json://127.0.0.1:{stuck.port}/?rto=100"]
            urls += [f"json://127.0.0.1:{well.port}/"] * 20
            tasks = [asyncio.create_task(sender.send(url, NOTE)) for url in urls]
            found = [await task for task in tasks[1:]]
            assert not tasks[0].done()
            tasks[0].cancel()
            return found

    assert set(asyncio.run(work())) == {""}


def test_what_is_no_service_is_known_by_its_form() -> None:
    async def work() -> list[str]:
        sender = Sender(Ways(), longest=60)
        return [await sender.try_form(each) for each in ("foo://x", "json://", "ntfy://topic")]

    assert asyncio.run(work()) == ["form", "form", ""]


def test_a_carrier_is_not_given_the_secrets_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_ALPHA_BOT_TOKEN", "xoxb-hidden")
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere.example:1")
    around = Ways(proxy="http://proxy.example:3128", no_proxy=("in.example",)).environment()
    assert "xoxb-hidden" not in around.values()
    assert around["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert around["NO_PROXY"].startswith("in.example,")
