"""users.*: who is there."""

from __future__ import annotations

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.call import Call, Chapter, page
from bot.sandbox.slack.shapes import user_json
from bot.sandbox.slack.things import Json, User

METHODS = Chapter()


@METHODS.method("users.info", "users:read")
def info(call: Call) -> Json:
    """One person."""
    return {"user": _shown(call, call.user(call.required("user")))}


@METHODS.method("users.list", "users:read")
def roster(call: Call) -> Json:
    """Everybody of the workspace, page by page; nobody of others (Slack Connect)."""
    team = call.world.team_id
    own = [each for each in call.world.users.values() if each.team_id == team]
    members, cursor = page(own, call, 200, 1000)
    return {
        "members": [_shown(call, user) for user in members],
        "cache_ts": int(call.world.now()),
        "response_metadata": {"next_cursor": cursor},
    }


@METHODS.method("users.lookupByEmail", "users:read.email")
def by_email(call: Call) -> Json:
    """One person by their address."""
    wanted = call.required("email")
    for user in call.world.users.values():
        if user.email == wanted:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


def _shown(call: Call, user: User) -> Json:
    shown = user_json(user)
    if user.email and "users:read.email" in call.app.scopes:
        shown["profile"]["email"] = user.email
    if call.flag("include_locale"):
        shown["locale"] = user.locale
    return shown
