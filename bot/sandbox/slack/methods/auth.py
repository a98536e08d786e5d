"""auth.test, apps.connections.open, team.info, bots.info, emoji.list, usergroups.list."""

from __future__ import annotations

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.call import Call, Chapter
from bot.sandbox.slack.shapes import ICON, usergroup_json
from bot.sandbox.slack.things import Json

METHODS = Chapter()


@METHODS.method("auth.test")
def test(call: Call) -> Json:
    """Whose token this is."""
    world, app = call.world, call.app
    return {
        "url": f"https://{world.domain}.slack.com/",
        "team": world.name,
        "user": world.users[app.user].name,
        "team_id": world.team_id,
        "user_id": app.user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


@METHODS.method("apps.connections.open", "connections:write", by_app_token=True)
def open_connection(call: Call) -> Json:
    """A fresh websocket address, good for one connection."""
    ticket = call.stage.boards[call.app.id].ticket()
    address = call.world.address.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.app.id}"}


@METHODS.method("team.info", "team:read")
def team(call: Call) -> Json:
    """The workspace."""
    world = call.world
    facts: Json = {
        "id": world.team_id,
        "name": world.name,
        "domain": world.domain,
        "email_domain": "",
        "icon": {"image_34": ICON.format(34), "image_default": True},
        "url": f"https://{world.domain}.slack.com/",
        "is_verified": False,
    }
    return {"team": facts}


@METHODS.method("bots.info", "users:read")
def bot(call: Call) -> Json:
    """An app's bot, by its `B…` id; the caller's own where none is named."""
    wanted = call.text("bot", call.app.bot_id)
    found = next((app for app in call.world.apps.values() if app.bot_id == wanted), None)
    if found is None:
        raise SlackError("bot_not_found")
    facts: Json = {
        "id": found.bot_id,
        "deleted": False,
        "name": found.name,
        "updated": call.world.users[found.user].updated,
        "app_id": found.id,
        "user_id": found.user,
        "icons": {f"image_{size}": ICON.format(size) for size in (36, 48, 72)},
    }
    return {"bot": facts}


@METHODS.method("emoji.list", "emoji:read")
def emoji(call: Call) -> Json:
    """The workspace's own emoji."""
    return {"emoji": dict(call.world.emoji), "cache_ts": call.world.moment()}


@METHODS.method("usergroups.list", "usergroups:read")
def usergroups(call: Call) -> Json:
    """The user groups, with their members where asked."""
    groups = []
    for group in call.world.groups.values():
        facts = usergroup_json(call.world, group)
        groups.append(facts | ({"users": list(group.users)} if call.flag("include_users") else {}))
    return {"usergroups": groups}
