"""What Slack's codes, and ours for it, say to people.

The codes are those of each method's page at https://docs.slack.dev/reference/methods; those with
another meaning than Slack's own stand in `web`, `storing`, `downloads` and `outbound`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.words import message

_NO_SUCH_CHANNEL = message("there is no such channel, or the bot cannot see it")
_MAY_NOT_POST = message("the bot may not post there")
_NO_THREAD = message("nothing can be said in that thread")
_TOO_LONG = message("it is too long")
_MAY_NOT_CHANGE = message("what was said there cannot be changed any more")
_MESSAGE_GONE = message("the message there is gone")
_NO_SUCH_EMOJI = message("the workspace has no such emoji")
_TOO_MANY = message("the message has too many reactions already")
_FILE_GONE = message("the file is gone, or hidden where it was shared")
_ELSEWHERE = message("the file lies with another service")
_FILE_REFUSED = message("the workspace takes no such file")
_UNREACHABLE = message("the network cannot be reached")
_NO_ANSWER = message("the network did not answer")
_FAILED = message("the network's server failed")
_PAUSE = message("the network asked for a pause")
_NOT_YET = message("the network has the file and does not show it yet")
_ACCOUNT = message("the bot's account is not accepted; its administrators must mend that")

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "channel_not_found": _NO_SUCH_CHANNEL,
        "is_archived": message("the channel is archived"),
        "not_in_channel": message("the bot is not in the channel"),
        **dict.fromkeys(
            ("restricted_action", "restricted_action_read_only_channel",
             "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
             "restricted_action_thread_only_channel", "as_user_not_supported",
             "team_access_not_granted", "not_authorized"),
            _MAY_NOT_POST,
        ),
        **dict.fromkeys(("thread_not_found", "cannot_reply_to_message"), _NO_THREAD),
        **dict.fromkeys(("msg_too_long", "msg_blocks_too_long", "too_many_attachments"), _TOO_LONG),
        **dict.fromkeys(
            ("cant_update_message", "edit_window_closed", "cant_delete_message",
             "update_failed", "compliance_exports_prevent_deletion"),
            _MAY_NOT_CHANGE,
        ),
        **dict.fromkeys(("message_not_found", "bad_timestamp"), _MESSAGE_GONE),
        "invalid_name": _NO_SUCH_EMOJI,
        **dict.fromkeys(("too_many_emoji", "too_many_reactions"), _TOO_MANY),
        "file_too_large": message("the file is too large"),
        "file_empty": message("the file is empty"),
        **dict.fromkeys(("file_not_found", "file_deleted", "file_hidden"), _FILE_GONE),
        "file_elsewhere": _ELSEWHERE,
        "not_enabled": message("the app's Home tab is off: its manifest has to be pasted again"),
        **dict.fromkeys(
            ("file_uploads_disabled", "file_uploads_except_images_disabled",
             "file_type_not_allowed", "blocked_file_type", "storage_limit_reached",
             "slack_connect_file_upload_sharing_blocked"),
            _FILE_REFUSED,
        ),
        **dict.fromkeys(("file", "topic"), message("the network has no way to do that")),
        **dict.fromkeys(
            ("unreachable", "address", "proxy", "certificate", "socket", "not_open", "closed"),
            _UNREACHABLE,
        ),
        **dict.fromkeys(("timeout", "cut", "unreadable", "request_timeout"), _NO_ANSWER),
        **dict.fromkeys(
            ("internal_error", "fatal_error", "service_unavailable", "team_added_to_org",
             "upload", "redirected"),
            _FAILED,
        ),
        **dict.fromkeys(("ratelimited", "rate_limited", "message_limit_exceeded"), _PAUSE),
        "not_shown_yet": _NOT_YET,
        **dict.fromkeys(
            ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
             "missing_scope", "no_permission", "access_denied", "accesslimited",
             "ekm_access_denied", "org_login_required", "not_allowed_token_type", "ca_file"),
            _ACCOUNT,
        ),
    }
)  # fmt: skip
