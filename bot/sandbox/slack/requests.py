"""One request to the Web API: read it, carry it out or misbehave, answer it."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.faults import Fault, Trouble
from bot.sandbox.slack.methods import METHODS, Method
from bot.sandbox.slack.methods.call import Call, missing_scope
from bot.sandbox.slack.stage import Call as Arrived
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.things import App, Json
from bot.sandbox.slack.wire import decode, encode


def play(stage: Stage, name: str, token: str, arguments: Json) -> tuple[Json, App | None]:
    """Carry out one method; a refusal is an answer too."""
    method = METHODS.get(name)
    if method is None:
        return {"ok": False, "error": "unknown_method", "req_method": name}, None
    app: App | None = None
    try:
        app = _permitted(stage, method, token)
        return {"ok": True} | method.play(Call(stage, app, arguments)), app
    except SlackError as error:
        return {"ok": False, "error": error.name} | error.details, app


def _permitted(stage: Stage, method: Method, token: str) -> App:
    """Whose request it is; raises as Slack words it: token first, then scope, then arguments."""
    if not token:
        raise SlackError("not_authed")
    app = app_of(stage, token, by_app_token=method.by_app_token)
    if app is None:
        other = app_of(stage, token, by_app_token=not method.by_app_token)
        raise SlackError("not_allowed_token_type" if other else "invalid_auth")
    if app.app_token_revoked if method.by_app_token else app.revoked:
        raise SlackError("token_revoked")
    provided = app.app_scopes if method.by_app_token else app.scopes
    if not method.scopes <= provided:
        raise missing_scope(method.scopes, provided)
    return app


def app_of(stage: Stage, token: str, *, by_app_token: bool) -> App | None:
    """Whose token this is, None for nobody's of this kind."""
    for app in stage.world.apps.values():
        if token and token == (app.app_token if by_app_token else app.bot_token):
            return app
    return None


def answer(stage: Stage, name: str, shown: Json, app: App | None) -> web.Response:
    """Log a call and answer it, with the scopes in the headers as Slack sends them."""
    outcome = "ok" if shown["ok"] else shown["error"]
    status = 200
    stage.calls.append(Arrived(name, time.time(), outcome, status))
    stage.changed()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if app is not None:
        scopes = app.app_scopes if METHODS[name].by_app_token else app.scopes
        headers["x-oauth-scopes"] = ",".join(sorted(scopes))
        headers["x-accepted-oauth-scopes"] = ",".join(sorted(METHODS[name].scopes))
    return web.Response(status=status, body=encode(shown), headers=headers)


async def misbehave(
    request: web.Request, stage: Stage, name: str, token: str, arguments: Json, fault: Fault
) -> web.StreamResponse:
    """Do what a fault says instead of, before or after carrying the request out."""

    def log(outcome: str, status: int) -> None:
        stage.calls.append(Arrived(name, time.time(), outcome, status))
        stage.changed()

    match fault.trouble:
        case Trouble.REFUSE:
            return answer(stage, name, {"ok": False, "error": fault.error}, None)
        case Trouble.BROKEN:
            log("broken", 500)
            return web.Response(status=500, text="Internal Server Error")
        case Trouble.THROTTLE:
            log("ratelimited", 429)
            return web.Response(
                status=429,
                body=encode({"ok": False, "error": "ratelimited"}),
                headers={
                    "Retry-After": str(max(1, round(fault.seconds))),
                    "Content-Type": "application/json; charset=utf-8",
                },
            )
        case Trouble.CUT_BEFORE:
            log("cut_before", 0)
        case Trouble.CUT_AFTER:
            play(stage, name, token, arguments)
            log("cut_after", 0)
        case Trouble.APPLY_LATE:
            asyncio.get_running_loop().call_later(
                fault.seconds, play, stage, name, token, arguments
            )
            log("apply_late", 0)
        case Trouble.HANG:
            play(stage, name, token, arguments)
            log("hang", 0)
            await asyncio.sleep(fault.seconds)
        case _:
            await asyncio.sleep(fault.seconds)
            return answer(stage, name, *play(stage, name, token, arguments))
    return cut(request)


def cut(request: web.Request) -> web.Response:
    """Hang up at once; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def arguments_of(request: web.Request) -> Json:
    """Query, form or JSON: the later ones win."""
    found: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        try:
            body = decode(await request.read())
        except ValueError:
            body = None
        return found | body if isinstance(body, dict) else found
    if kind == "application/x-www-form-urlencoded":
        body_text = (await request.read()).decode("utf-8", "replace")
        return found | dict(parse_qsl(body_text, keep_blank_values=True))
    if kind == "multipart/form-data":
        return found | dict(await request.post())
    return found


def token_of(request: web.Request, arguments: Json) -> str:
    """The token: in the header, or for old clients in the arguments."""
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:].strip()
    token = arguments.get("token")
    return token if isinstance(token, str) else ""


async def uploaded(request: web.Request) -> bytes:
    """The bytes, sent as they are or as the one file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    form: Any = await request.post()
    for part in form.values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""
