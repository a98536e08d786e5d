"""The control endpoint: what a workspace can do, by name, for other processes.

`POST /_control/<workspace>/<operation>` with the arguments as a JSON object (and
`Content-Type: application/json`) answers
`{"result": …}`, or `{"error": …}` with HTTP 400 (404 for an unknown name). The operations are
the public methods of `Workspace`; `POST /_control/add_workspace` makes one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import aiohttp
import msgspec

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.things import Json
from bot.sandbox.slack.wire import encode
from bot.sandbox.slack.workspace import Workspace

_NOT_BY_WIRE = frozenset({"until"})
"""Takes a function, which JSON cannot carry: `arrived`, `connected` and `settled` do its work."""
OPERATIONS = frozenset(
    name
    for name, member in inspect.getmembers(Workspace, inspect.isfunction)
    if not name.startswith("_") and name not in _NOT_BY_WIRE
)


class Workspaces(Protocol):
    """What is controlled: workspaces by their names, and a way to make one."""

    @property
    def workspaces(self) -> Mapping[str, Workspace]:
        """Those that there are."""

    @property
    def add_workspace(self) -> Callable[..., Workspace]:
        """Makes one."""


async def control(
    stand_in: Workspaces, name: str, operation: str, arguments: Json
) -> tuple[int, Json]:
    """Carry out one operation; returns the HTTP status and the answer."""
    try:
        if not name:
            return _whole(stand_in, operation, arguments)
        workspace = stand_in.workspaces.get(name)
        if workspace is None or operation not in OPERATIONS:
            return 404, {"error": "unknown workspace or operation"}
        result = getattr(workspace, operation)(**arguments)
        if inspect.isawaitable(result):
            result = await result
    except (KeyError, TypeError, ValueError, TimeoutError, SlackError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}
    return 200, {"result": msgspec.to_builtins(result)}


def _whole(stand_in: Workspaces, operation: str, arguments: Json) -> tuple[int, Json]:
    match operation:
        case "add_workspace":
            return 200, {"result": stand_in.add_workspace(**arguments).credentials()}
        case "workspaces":
            return 200, {"result": list(stand_in.workspaces)}
    return 404, {"error": "unknown operation"}


_AS_JSON = {"Content-Type": "application/json"}


class Remote:
    """The operations of a stand-in in another process: `await remote("alpha", "say", …)`."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def __call__(self, workspace: str, operation: str, /, **arguments: Any) -> Any:
        """Carry out an operation of a workspace; raises RuntimeError with the stand-in's words."""
        return await self._post(f"/_control/{workspace}/{operation}", arguments)

    async def add_workspace(self, name: str, **arguments: Any) -> Any:
        """Make a workspace; returns its credentials."""
        return await self._post("/_control/add_workspace", {"name": name} | arguments)

    async def _post(self, path: str, arguments: Json) -> Any:
        async with self._session.post(
            self._url + path, data=encode(arguments), headers=_AS_JSON
        ) as response:
            answer = await response.json()
        if response.status != 200:
            raise RuntimeError(answer["error"])
        return answer["result"]
