"""Calls to Slack's Web API and to response addresses, through slack_sdk."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError
from bot.events import local
from bot.platforms.base import Surroundings
from bot.platforms.slack.places import Places
from bot.platforms.slack.refusals import problem_of
from bot.platforms.slack.scopes import METHODS
from bot.platforms.slack.settings import SlackSettings

_CONNECT = 10.0
"""Seconds to get a connection."""
_CONNECTIONS = 64
_MEND_CA_FILE = "[network] ca_file: cannot be read, or holds no certificate in PEM form"

SILENT = logging.Logger("slack", level=logging.CRITICAL + 1)  # noqa: LOG001  in no tree
"""For the SDK: it would log parameters, payloads and answers."""


class Web:
    """The Web API of one workspace."""

    def __init__(self, settings: SlackSettings, surroundings: Surroundings) -> None:
        self.account = surroundings.account
        self._settings = settings
        self._surroundings = surroundings
        self.places = Places(map(local, surroundings.rooms), surroundings.memory)
        self.ssl: ssl.SSLContext | None = None
        self._unusable: PlatformError | None = None
        if surroundings.ca_file is not None:
            try:
                self.ssl = certificates(surroundings.ca_file)
            except OSError:  # also what ssl says of a file that holds no certificate
                self._unusable = AccountRefused("ca_file", mend=_MEND_CA_FILE)
        self._session: aiohttp.ClientSession | None = None
        self._client = self._made(settings.bot_token.get_secret_value())
        self.scopes: frozenset[str] = frozenset()
        """The scopes that the bot's token was last said to have."""

    async def call(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call one of `METHODS` and return the answer, which is `ok`; raises `PlatformError`."""
        known = METHODS[method]
        await self.places.recall()
        parameters = dict(self.places.outward(parameters or {}))
        client = self._client
        client.session = self._open_session()
        key = f"{self.account.replace(':', '.', 1)}.bot_token"
        given: dict[str, Any] = {"json": parameters}
        if known.app_level:
            key = f"{self.account.replace(':', '.', 1)}.app_token"
            # the SDK takes the token out of these, and sends it as a header
            given = {"params": {"token": self._settings.app_token.get_secret_value()}}
        elif not known.writes:
            given = {"data": _form(parameters)}
        try:
            answer = await client.api_call(method, **given)
        except (SlackApiError, SlackRequestError) as error:
            raise _problem(error, mend_of(key)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise network_problem(error) from None
        except (AttributeError, TypeError, ValueError, RecursionError):
            raise OutcomeUnknown("unreadable") from None  # no object, or no JSON at all
        except RuntimeError:
            raise OutcomeUnknown("closed") from None  # the session, by us, in the middle of it
        granted = answer.headers.get("x-oauth-scopes")
        if granted is not None and not known.app_level:
            self.scopes = frozenset(scope.strip() for scope in granted.split(","))
        if not isinstance(answer.data, dict):
            raise OutcomeUnknown("unreadable")
        data: dict[str, Any] = self.places.inward(answer.data)
        return data

    async def respond(self, url: str, body: dict[str, Any]) -> bool:
        """Post to a response address; False where it is used up. Raises `PlatformError`."""
        try:
            async with self._open_session().post(
                url,
                json=body,
                proxy=self.proxy_for(url),
                ssl=self.ssl or True,
                allow_redirects=False,
            ) as answer:
                if answer.status == 200:
                    return True
                if answer.status in {403, 404, 410}:
                    return False
                raise problem_of(answer.status, answer.headers, None, mend="")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise network_problem(error) from None
        except ValueError:
            return False  # an address that is none

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str,
        *,
        data: AsyncIterator[bytes] | None = None,
        length: int | None = None,
        trusted: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """A request for bytes, or with them, that may take as long as bytes flow.

        `trusted`: with the bot's token; no redirect is followed. Raises `PlatformError`.
        """
        headers = {} if length is None else {"Content-Length": str(length)}
        if trusted:
            headers["Authorization"] = f"Bearer {self._settings.bot_token.get_secret_value()}"
        seconds = self._surroundings.timeout
        try:
            answer = await self._open_session().request(
                method,
                url,
                headers=headers,
                data=data,
                proxy=self.proxy_for(url),
                ssl=self.ssl or True,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT, sock_read=seconds),
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise network_problem(error) from None
        async with answer:
            yield answer

    def is_slacks(self, url: str) -> bool:
        """Whether an address is the workspace's own: the only ones that the token is sent to."""
        address, own = urlsplit(url), urlsplit(self._settings.api_url)
        if (address.scheme, address.netloc) == (own.scheme, own.netloc):
            return True
        host, home = address.hostname or "", own.hostname or ""
        named = host.endswith((".slack.com", f".{home}"))
        return address.scheme == "https" and named and "@" not in address.netloc

    def proxy_for(self, url: str) -> str | None:
        """The proxy for an address, None where none is wanted."""
        host = urlsplit(url).hostname or ""
        for name in self._surroundings.no_proxy:
            domain = name.lstrip("*").lstrip(".").lower()
            if name == "*" or (domain and (host == domain or host.endswith(f".{domain}"))):
                return None
        return self._surroundings.proxy

    def bare_client(self) -> AsyncWebClient:
        """A client without a token, for the parts of the SDK that want one."""
        return self._made(None)

    async def close(self) -> None:
        """Let go of every connection."""
        self._unusable = self._unusable or NotSent("closed")
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _made(self, token: str | None) -> AsyncWebClient:
        client = AsyncWebClient(
            token=token,
            base_url=self._settings.api_url,
            timeout=max(1, round(self._surroundings.timeout)),
            ssl=self.ssl,
            logger=SILENT,
            retry_handlers=[],  # a lane retries, in its order
        )
        # the SDK takes a proxy from the environment where it is given none
        client.proxy = self.proxy_for(self._settings.api_url)
        return client

    def _open_session(self) -> aiohttp.ClientSession:
        if self._unusable is not None:
            raise self._unusable
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=self._surroundings.timeout, connect=_CONNECT)
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session


def certificates(ca_file: str | None) -> ssl.SSLContext:
    """The system's authorities, and those of a file; raises `OSError` if it cannot be read."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def network_problem(error: BaseException) -> PlatformError:
    """What a failure below HTTP means for the request: not sent, or nobody knows."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return NotSent("certificate")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return NotSent("proxy")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NotSent("unreachable")
        case aiohttp.InvalidURL():
            return NotSent("address")
        case TimeoutError() | asyncio.TimeoutError():
            return OutcomeUnknown("timeout")
        case _:
            return OutcomeUnknown("cut")


def mend_of(key: str) -> str:
    """What to do when the token under `key` is refused."""
    if key.endswith("app_token"):
        return (
            f"{key}: Slack refuses this token; make one with the scope connections:write at "
            'api.slack.com/apps, under "Basic Information", "App-Level Tokens", and turn on '
            '"Socket Mode"'
        )
    return (
        f"{key}: Slack refuses this token; install the app with the scopes that "
        "`liaison manifest` names, and take the token at api.slack.com/apps, under "
        '"OAuth & Permissions"'
    )


def _problem(error: Exception, mend: str) -> PlatformError:
    answer = getattr(error, "response", None)
    status: Any = getattr(answer, "status_code", None) or getattr(answer, "status", 0)
    headers = getattr(answer, "headers", {})
    data = getattr(answer, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return problem_of(int(status), headers, code, mend=mend)


def _form(parameters: dict[str, Any]) -> dict[str, str]:
    return {
        name: json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
        for name, value in parameters.items()
        if value is not None
    }
