"""The world's things as the JSON that Slack sends: messages, channels, people, files."""

from __future__ import annotations

from bot.sandbox.slack.things import App, Channel, File, Json, Message, User, UserGroup
from bot.sandbox.slack.world import World

ICON = "https://a.slack-edge.com/80588/img/plugins/app/bot_{0}.png"


def message_json(world: World, message: Message, *, metadata: bool = False) -> Json:
    """A message as history shows it; `metadata` only where the reader may see it."""
    out: Json = {"type": "message", "text": message.text, "ts": message.ts}
    if message.subtype:
        out["subtype"] = message.subtype
    if message.app:
        out |= _app_author(world, message)
    else:
        out["user"] = message.user
        out["team"] = world.users[message.user].team_id
        if message.client_msg_id:
            out["client_msg_id"] = message.client_msg_id
    for name in ("blocks", "attachments"):
        value = getattr(message, name)
        if value:
            out[name] = value
    if metadata and message.metadata:
        out["metadata"] = message.metadata
    if message.thread_ts:
        out["thread_ts"] = message.thread_ts
    if message.edited:
        out["edited"] = {"user": message.edited[0], "ts": message.edited[1]}
    if message.reactions:
        out["reactions"] = reactions_json(message)
    if message.files:
        found = [file_json(world, world.files[id_]) for id_ in message.files if id_ in world.files]
        out |= {"files": found, "upload": False, "display_as_bot": False}
    return out | message.extra if message.extra else out


def placed_json(
    world: World, channel: Channel, message: Message, *, metadata: bool = False
) -> Json:
    """A message with what its thread adds: counts on a parent, the parent on a reply."""
    out = message_json(world, message, metadata=metadata)
    if message.is_reply:
        root = channel.messages.get(message.thread_ts)
        if root is not None and root.user:
            out["parent_user_id"] = root.user
        if message.subtype == "thread_broadcast" and root is not None:
            out["root"] = root_json(world, channel, root)
    elif message.ts in channel.threads:
        out |= {"thread_ts": message.ts, "is_locked": False} | _thread_json(channel, message)
    return out


def shared_json(world: World, channel: Channel, ts: str) -> Json:
    """A forwarded message, as the attachment of the one that shows it."""
    message = channel.messages[ts]
    link = f"https://{world.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {
        "is_share": True,
        "is_msg_unfurl": True,
        "channel_id": channel.id,
        "ts": ts,
        "from_url": link,
        "author_id": message.user,
        "author_name": world.users[message.user].real_name,
        "text": message.text,
        "fallback": message.text,
        "footer": f"Posted in #{channel.name}",
        "mrkdwn_in": ["text"],
    }


def root_json(world: World, channel: Channel, root: Message) -> Json:
    """A thread's first message, as a broadcast reply carries it."""
    out = message_json(world, root) | {"thread_ts": root.ts} | _thread_json(channel, root)
    return {name: value for name, value in out.items() if name not in {"reactions", "files"}}


def reactions_json(message: Message) -> list[Json]:
    """Who reacted with what, in the order of the first of each."""
    return [
        {"name": name, "users": list(users), "count": len(users)}
        for name, users in message.reactions.items()
    ]


def _thread_json(channel: Channel, root: Message) -> Json:
    replies = channel.threads.get(root.ts, [])
    users = list(dict.fromkeys(channel.messages[ts].user for ts in replies))
    return {
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": replies[-1] if replies else "0000000000.000000",
        "subscribed": False,
    }


def _app_author(world: World, message: Message) -> Json:
    app = world.apps[message.app]
    out: Json = {"bot_id": app.bot_id, "app_id": app.id}
    if message.username:
        return out | {"username": message.username, "icons": message.icons or {}}
    return out | {
        "user": app.user,
        "team": world.team_id,
        "bot_profile": bot_profile(world, app),
    }


def bot_profile(world: World, app: App) -> Json:
    """The short description of an app that its messages carry."""
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "name": app.name,
        "icons": {f"image_{size}": ICON.format(size) for size in (36, 48, 72)},
        "deleted": False,
        "updated": world.users[app.user].updated,
        "team_id": world.team_id,
    }


def channel_json(world: World, channel: Channel, reader: str, *, count: bool = False) -> Json:
    """A conversation as `reader` (a user id) sees it; `count` adds the number of members."""
    out: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": bool(channel.im_with),
        "is_org_shared": False,
        "context_team_id": world.team_id,
        "updated": channel.created * 1000,
    }
    if channel.im_with:
        return out | {"user": channel.im_with, "is_user_deleted": False, "priority": 0}
    out |= {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channels",
        "is_group": channel.kind == "groups",
        "is_mpim": channel.mpim,
        "is_private": channel.private,
        "is_general": channel.general,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_pending_ext_shared": False,
        "is_member": reader in channel.members,
        "unlinked": 0,
        "creator": channel.creator,
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": 0},
        "previous_names": channel.previous_names,
        "shared_team_ids": [world.team_id],
        "pending_shared": [],
        "pending_connected_team_ids": [],
    }
    return out | ({"num_members": len(channel.members)} if count else {})


def user_json(user: User) -> Json:
    """A person or bot user, as `users.info` gives them."""
    profile: Json = {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "0",
        "team": user.team_id,
    }
    if user.image:
        profile |= {"is_custom_image": True} | {
            f"image_{size}": user.image for size in (24, 32, 48, 72, 192, 512)
        }
    if user.bot_id:
        profile |= {"bot_id": user.bot_id, "api_app_id": user.app_id, "always_active": True}
    known: Json = {  # Slack leaves it out where an account is closed
        "is_restricted": user.restricted or user.ultra_restricted,
        "is_ultra_restricted": user.ultra_restricted,
    }
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "color": "9f69e7",
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": 0,
        "profile": profile,
        "is_admin": user.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_bot": bool(user.bot_id),
        "is_app_user": False,
        "updated": user.updated,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
        **({} if user.deleted else known),
        **({"is_stranger": True} if user.stranger else {}),
    }


def file_json(world: World, file: File) -> Json:
    """An upload; its addresses stand below `World.address`."""
    public: Json = {}
    private: Json = {}
    for channel_id, stamps in file.shares.items():
        channel = world.channels[channel_id]
        share = [_share(world, channel, ts, file.user) for ts in stamps]
        (private if channel.private or channel.im_with else public)[channel_id] = share
    shares = {name: part for name, part in (("public", public), ("private", private)) if part}
    base = f"{world.address}/files/{file.id}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user,
        "user_team": world.team_id,
        "mode": "hosted",
        "editable": False,
        "size": len(file.content) if file.uploaded else file.length,
        "is_external": False,
        "external_type": "",
        "is_public": bool(public),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{base}/{file.name}",
        "url_private_download": f"{base}/download/{file.name}",
        "permalink": f"https://{world.domain}.slack.com/files/{file.user}/{file.id}/{file.name}",
        "shares": shares,
        "channels": list(public),
        "groups": [id_ for id_ in private if not world.channels[id_].im_with],
        "ims": [id_ for id_ in private if world.channels[id_].im_with],
        "has_rich_preview": False,
        "file_access": "visible",
    }


def _share(world: World, channel: Channel, ts: str, user: str) -> Json:
    message = channel.messages.get(ts)
    share: Json = {
        "reply_users": [],
        "reply_users_count": 0,
        "reply_count": 0,
        "ts": ts,
        "channel_name": channel.name,
        "team_id": world.team_id,
        "share_user_id": user,
        "source": "UNKNOWN",
    }
    return share | ({"thread_ts": message.thread_ts} if message and message.thread_ts else {})


def usergroup_json(world: World, group: UserGroup) -> Json:
    """A user group, as `usergroups.list` gives it."""
    return {
        "id": group.id,
        "team_id": world.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.created,
        "date_update": group.created,
        "date_delete": 0,
        "created_by": group.users[0] if group.users else "",
        "updated_by": group.users[0] if group.users else "",
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
