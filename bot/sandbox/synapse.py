"""A real Matrix homeserver on loopback: Synapse, with its state in one folder."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import importlib.util
import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

_UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}
_TETHER = Path(__file__).with_name("tether.py")
_PROOF = "org.liaison.sandbox"


class SynapseError(RuntimeError):
    """Synapse did not start, or refused what it was asked; names its log."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the homeserver, signed in."""

    user_id: str
    access_token: str


def synapse_is_installed() -> bool:
    """Whether the extra `sandbox` was installed."""
    return importlib.util.find_spec("synapse") is not None


class Synapse:
    """One homeserver: `start`, `register`, `stop`, and start again on the same folder and port.

    Not bound to an event loop: it may be started in one and stopped in another.
    """

    def __init__(self, folder: Path, server_name: str = "coalition.example") -> None:
        self.folder = folder
        self.server_name = server_name
        self._port = 0
        self._proof = ""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers; known after the first start."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """What it says, warnings and worse."""
        return self.folder / "synapse.log"

    @property
    def pid(self) -> int | None:
        """The process, None while it is stopped."""
        return self._child.pid if self._child else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self, timeout: float = 60.0) -> None:  # noqa: ASYNC109 - of the child, not of the caller
        """Start it and wait until it answers; does nothing while it runs.

        Raises SynapseError when it ends before it answers, or does not answer in `timeout` seconds.
        """
        if self._child is not None:
            return
        self._port = self._port or _free_port()
        self._write_configuration()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: ASYNC220, S603 - forks once; our own command
                [sys.executable, "-P", str(_TETHER), "synapse.app.homeserver", "-c", self._file],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the parent, which ends it in order
            )
        try:
            async with asyncio.timeout(timeout):
                await self._until_ready(self._child)
        except TimeoutError:
            await self.stop(at_once=True)
            raise SynapseError(f"Synapse did not answer in {timeout:.0f} s: {self.log}") from None
        except BaseException:
            await self.stop(at_once=True)
            raise

    async def stop(self, *, at_once: bool = False) -> None:
        """End it, in order or (`at_once`) as a power cut would; does nothing when it is stopped."""
        child, self._child = self._child, None
        if child is None:
            return
        try:
            if not at_once:
                child.terminate()
                await asyncio.to_thread(_wait, child, 5.0)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdin:
                child.stdin.close()

    async def register(self, name: str, password: str, *, displayname: str = "") -> Person:
        """Make the account `@name:server_name`, or sign in to it where it exists already.

        Raises SynapseError when it exists with another password.
        """
        async with aiohttp.ClientSession(self.url) as session:
            path = "/_synapse/admin/v1/register"
            async with session.get(path) as answer:
                nonce = (await answer.json())["nonce"]
            asked = {
                "nonce": nonce,
                "username": name,
                "displayname": displayname or name,
                "password": password,
                "admin": False,
                "mac": self._signature(nonce, name, password),
            }
            status, told = await _post(session, path, asked)
            if told.get("errcode") == "M_USER_IN_USE":
                status, told = await _post(
                    session, "/_matrix/client/v3/login", _login(name, password)
                )
            if status != 200:
                raise SynapseError(f"Synapse refused the account: {told.get('errcode')}")
            return Person(told["user_id"], told["access_token"])

    def _signature(self, nonce: str, name: str, password: str) -> str:
        """As the admin API of registration by shared secret asks for."""
        message = f"{nonce}\x00{name}\x00{password}\x00notadmin"
        return hmac.new(self._secret().encode(), message.encode(), hashlib.sha1).hexdigest()

    def _secret(self) -> str:
        return _kept(self.folder / "registration.secret", secrets.token_urlsafe(32))

    @property
    def _file(self) -> str:
        return str(self.folder / "homeserver.yaml")

    def _write_configuration(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._proof = secrets.token_urlsafe(16)
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        _kept(self.folder / "signing.key", f"ed25519 a_liaison {seed}\n")
        # JSON is YAML too.
        _write(self.folder / "log.yaml", json.dumps(_LOG))
        _write(Path(self._file), json.dumps(self._configuration(), indent=1))

    def _configuration(self) -> dict[str, Any]:
        return {
            "server_name": self.server_name,
            "public_baseurl": f"{self.url}/",
            "extra_well_known_client_content": {_PROOF: self._proof},
            "listeners": [
                {
                    "port": self._port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "x_forwarded": False,
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {
                "name": "sqlite3",
                "args": {"database": str(self.folder / "homeserver.db")},
            },
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": str(self.folder / "signing.key"),
            "registration_shared_secret": self._secret(),
            "log_config": str(self.folder / "log.yaml"),
            "no_redirect_stdio": True,
            "pid_file": str(self.folder / "homeserver.pid"),
            **_QUIET,
            **_LIMITS,
        }

    async def _until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Until our own child answers: another server may have taken the port meanwhile."""
        async with aiohttp.ClientSession(self.url) as session:
            while True:
                if child.poll() is not None:
                    raise SynapseError(f"Synapse ended with {child.returncode}: {self.log}")
                if await self._answers(session):
                    return
                await asyncio.sleep(0.05)

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with session.get("/_matrix/client/versions") as answer:
                if answer.status != 200:
                    return False
            async with session.get("/.well-known/matrix/client") as answer:
                who = await answer.json(content_type=None)
            if who.get(_PROOF) != self._proof:
                raise SynapseError(f"another server answers at {self.url}")
            return True
        return False


_QUIET: Mapping[str, Any] = {
    "report_stats": False,
    "enable_metrics": False,
    "stats": {"enabled": False},
    "presence": {"enabled": False},
    "user_directory": {"enabled": False},
    "url_preview_enabled": False,
    "enable_registration": False,
    "federation_domain_whitelist": [],
    "trusted_key_servers": [],
    "suppress_key_server_warning": True,
    "event_cache_size": "2K",
    "caches": {"global_factor": 0.25},
    "bcrypt_rounds": 4,  # the accounts are toys, and each hash at 12 rounds takes a quarter second
}
_LIMITS: Mapping[str, Any] = {
    "rc_message": _UNLIMITED,
    "rc_registration": _UNLIMITED,
    "rc_login": {"address": _UNLIMITED, "account": _UNLIMITED, "failed_attempts": _UNLIMITED},
    "rc_admin_redaction": _UNLIMITED,
    "rc_joins": {"local": _UNLIMITED, "remote": _UNLIMITED},
    "rc_joins_per_room": _UNLIMITED,
    "rc_invites": {
        "per_room": _UNLIMITED,
        "per_user": _UNLIMITED,
        "per_issuer": _UNLIMITED,
    },
    "rc_room_creation": _UNLIMITED,
    "rc_profile": _UNLIMITED,
}
_LOG: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["err"]},
}


def _login(name: str, password: str) -> dict[str, Any]:
    return {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": name},
        "password": password,
    }


async def _post(
    session: aiohttp.ClientSession, path: str, asked: Mapping[str, Any]
) -> tuple[int, dict[str, Any]]:
    async with session.post(path, json=asked) as answer:
        return answer.status, await answer.json()


def _wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kept(file: Path, fresh: str) -> str:
    """What `file` holds; made with `fresh` in it where there is none."""
    if not file.exists():
        _write(file, fresh)
    return file.read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    """Write for our own eyes only: some of these files hold keys."""
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
