"""Carries some alerts, and ends: run as a process of its own, with nothing but Python and Apprise.

A list of jobs comes in on standard input as JSON, and as each ends a line of JSON goes out: which,
and a word for why it was not taken. Nothing else is said: what Apprise says may hold tokens.

Why a process: what Apprise calls blocks, takes proxies and certificates from the environment alone,
and can be ended in no other way. Why not Apprise for mail: it cannot demand STARTTLS of a server
that offers none, nor trust certificates of one's own for mail alone.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import smtplib
import socket
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, Protocol

_PATIENCE = 7.0
"""Seconds that a server has for each answer; the whole has ten."""
_AT_ONCE = 32


class Job(Protocol):
    """What is asked for; a plain dictionary with these keys."""

    def __getitem__(self, key: str, /) -> Any:
        """Of mail: server (scheme, host, port, user), password, ca_file, sender, to, subject,
        body, id. Of a service: url, title, body.
        """


class Failed(Exception):
    """It was not taken; the text is a word for why."""


def carry(job: Job) -> None:
    """Carry an alert out, or try whether that could be done (`what`: mail, login, notify, form).

    Raises Failed.
    """
    match job["what"]:
        case "mail":
            _mail(job)
        case "login":
            with _open(job):
                pass
        case "notify":
            _notify(job)
        case "form":
            _service(job["url"])


def _mail(job: Job) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = job["sender"], job["to"], job["subject"]
    message["Date"] = formatdate(usegmt=True)
    # The same however often it is tried: a mailbox can tell that it has it already.
    message["Message-ID"] = f"<{job['id']}@{job['sender'].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered to us
    message["Importance"] = "high"
    message.set_content(job["body"])
    with _open(job) as server:
        try:
            server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException):
            raise Failed("refused") from None
        except (smtplib.SMTPException, OSError):
            raise Failed("cut") from None


def _open(job: Job) -> smtplib.SMTP:
    """A server that may be sent through: encrypted, and logged in to where there is a password."""
    place, local = job["server"], _is_loopback(job["server"]["host"])
    try:
        server = _connected(job, place, local=local)
    except ssl.SSLCertVerificationError:
        raise Failed("certificate") from None
    except ssl.SSLError:
        raise Failed("tls") from None
    except TimeoutError:
        raise Failed("timeout") from None
    except (smtplib.SMTPException, OSError):
        raise Failed("unreachable") from None
    try:
        if job["password"] is not None:
            server.login(place["user"], job["password"])
    except smtplib.SMTPNotSupportedError:
        server.close()
        raise Failed("no login") from None
    except smtplib.SMTPResponseException:
        server.close()
        raise Failed("login") from None
    except (smtplib.SMTPException, OSError):
        server.close()
        raise Failed("cut") from None
    return server


def _connected(job: Job, place: dict[str, Any], *, local: bool) -> smtplib.SMTP:
    host, port = place["host"], place["port"]
    trust = ssl.create_default_context(cafile=job["ca_file"])
    if place["scheme"] == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=trust)
    demanded = place["scheme"] == "smtp+starttls"
    if local and not demanded and job["ca_file"] is None:
        # This machine's own server has a certificate for itself that nobody signed.
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    server = smtplib.SMTP(host, port, timeout=_PATIENCE)
    try:
        _encrypt(server, trust, needed=demanded or not local)
    except BaseException:
        server.close()
        raise
    return server


def _encrypt(server: smtplib.SMTP, trust: ssl.SSLContext, *, needed: bool) -> None:
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls"):
        server.starttls(context=trust)
        server.ehlo()
    elif needed:
        raise Failed("no starttls")


def _is_loopback(host: str) -> bool:
    try:
        found = {each[4][0] for each in socket.getaddrinfo(host, None)}
        return bool(found) and all(ipaddress.ip_address(each).is_loopback for each in found)
    except (OSError, ValueError):
        return False


def _notify(job: Job) -> None:
    import apprise  # noqa: PLC0415  what mail does not need is not loaded for it

    if not _service(job["url"]).notify(
        title=job["title"], body=job["body"], notify_type=apprise.NotifyType.WARNING
    ):
        raise Failed("not taken")


def _service(url: str) -> Any:
    """The service of a URL. A plain web address that is none of a known service takes JSON."""
    import apprise  # noqa: PLC0415  as above

    # A service that answers with another address leads nowhere that was not configured.
    asset = apprise.AppriseAsset(http_redirects=False, app_id="Liaison", app_desc="", app_url="")
    found = apprise.Apprise.instantiate(url, asset=asset)
    if found is None and url.startswith(("http://", "https://")):
        found = apprise.Apprise.instantiate(url.replace("http", "json", 1), asset=asset)
    if found is None:
        raise Failed("form")
    return found


def main() -> None:
    """Carry what stands on standard input, all at the same time: what is slow holds up nothing."""
    logging.disable(logging.CRITICAL)
    jobs = json.load(sys.stdin)
    with ThreadPoolExecutor(min(len(jobs), _AT_ONCE)) as pool:
        ways = {pool.submit(_tried, job): number for number, job in enumerate(jobs)}
        for done in as_completed(ways):
            line = json.dumps({"job": ways[done], "why": done.result()})
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _tried(job: Job) -> str:
    try:
        carry(job)
    except Failed as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  a service's own code; its words may hold a token
        return f"fault {type(error).__name__}"
    return ""


if __name__ == "__main__":
    main()
