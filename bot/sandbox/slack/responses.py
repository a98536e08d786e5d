"""What is posted to a `response_url`, and what an acknowledgement shows at once."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import acts
from bot.sandbox.slack.acts import Draft
from bot.sandbox.slack.blocks import MOST_IN_MESSAGE, checked
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.stage import Ephemeral, Interaction, Stage
from bot.sandbox.slack.things import Json, Message
from bot.sandbox.slack.typed import settle


def respond(stage: Stage, interaction: Interaction, body: Any) -> None:
    """Carry out one answer; raises SlackError with the word that Slack's 404 or 500 carries.

    Five answers within thirty minutes, ephemeral unless `response_type` is `in_channel`:
    https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
    """
    if stage.clock() > interaction.until:
        raise SlackError("expired_url")
    if interaction.uses <= 0:
        raise SlackError("used_url")
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    show(stage, interaction, body, "response_url")
    interaction.uses -= 1


def show(stage: Stage, interaction: Interaction, body: Json, via: str) -> None:
    """Show an answer to the person, or to all where it says so."""
    original = _original(stage, interaction)
    if body.get("delete_original"):
        _delete_original(stage, interaction, original)
        return
    text = settle(str(body.get("text") or ""))
    blocks = body.get("blocks")
    if blocks is not None:
        blocks = checked(blocks, MOST_IN_MESSAGE, lambda: stage.world.new_id("b"))
    if not text and not blocks:
        raise SlackError("no_text")
    if body.get("replace_original") and original is not None:
        acts.edit(stage, stage.world.channels[interaction.channel], original, text, blocks)
    elif body.get("response_type") == "in_channel":
        _post(stage, interaction, body, text, blocks)
    else:
        _whisper(stage, interaction, body, text, blocks, via)


def _post(
    stage: Stage, interaction: Interaction, body: Json, text: str, blocks: list[Json] | None
) -> None:
    app = stage.world.apps[interaction.app]
    draft = Draft(
        user=app.user,
        app=app.id,
        text=text,
        blocks=blocks,
        thread_ts=str(body.get("thread_ts") or ""),
    )
    acts.post(stage, stage.world.channels[interaction.channel], draft)


def _whisper(
    stage: Stage,
    interaction: Interaction,
    body: Json,
    text: str,
    blocks: list[Json] | None,
    via: str,
) -> None:
    channel = stage.world.channels[interaction.channel]
    if body.get("replace_original"):
        _forget_last_whisper(stage, interaction)
    thread = str(body.get("thread_ts") or "")
    ts = stage.world.stamp(channel)
    shown = Ephemeral(interaction.user, channel.id, text, ts, via, blocks, thread)
    acts.whisper(stage, shown)


def _original(stage: Stage, interaction: Interaction) -> Message | None:
    """The message that was pressed on; ephemeral ones are none and never become one."""
    if interaction.ephemeral or not interaction.message_ts:
        return None
    return stage.world.channels[interaction.channel].messages.get(interaction.message_ts)


def _delete_original(stage: Stage, interaction: Interaction, original: Message | None) -> None:
    if original is not None:
        acts.delete(stage, stage.world.channels[interaction.channel], original)
    else:
        _forget_last_whisper(stage, interaction)


def _forget_last_whisper(stage: Stage, interaction: Interaction) -> None:
    for shown in reversed(stage.ephemerals):
        pressed = shown.ts == interaction.message_ts or not interaction.ephemeral
        if pressed and (shown.user, shown.channel) == (interaction.user, interaction.channel):
            stage.ephemerals.remove(shown)
            break
    stage.changed()
