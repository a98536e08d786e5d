"""What people say, and do to what was said."""

from __future__ import annotations

from bot.sandbox.slack import acts
from bot.sandbox.slack.acts import Draft
from bot.sandbox.slack.operations.base import Operations
from bot.sandbox.slack.shapes import shared_json
from bot.sandbox.slack.things import File
from bot.sandbox.slack.typed import escape, rich_text


class Talking(Operations):
    """People in rooms."""

    def say(
        self,
        channel: str,
        user: str,
        text: str,
        thread_ts: str | None = None,
        *,
        raw: bool = False,
        broadcast: bool = False,
        blocks: bool = True,
    ) -> str:
        """A person says something; returns the `ts`.

        `raw`: the text is already as Slack stores it (`<@U1>`, `&amp;`), else it is escaped.
        `blocks`: with the `rich_text` block that Slack's clients send along.
        """
        stored = text if raw else escape(text)
        subtype = "thread_broadcast" if broadcast and thread_ts else ""
        draft = Draft(
            user=self._user(user).id,
            text=stored,
            subtype=subtype,
            thread_ts=thread_ts or "",
            blocks=rich_text(stored, self.world.new_id("b")) if blocks and stored else None,
            client_msg_id="" if subtype else self.world.new_id("m"),
        )
        return acts.post(self.stage, self._channel(channel), draft).ts

    def forward(self, channel: str, user: str, source: str, ts: str, text: str = "") -> str:
        """A person forwards a message of the channel `source`; returns the `ts`."""
        shown = shared_json(self.world, self._channel(source), ts)
        draft = Draft(user=self._user(user).id, text=escape(text), attachments=[shown])
        return acts.post(self.stage, self._channel(channel), draft).ts

    def me(self, channel: str, user: str, text: str) -> str:
        """A person types `/me …`; returns the `ts`."""
        draft = Draft(user=user, text=escape(text), subtype="me_message")
        return acts.post(self.stage, self._channel(channel), draft).ts

    def edit(self, channel: str, ts: str, text: str, *, raw: bool = False) -> None:
        """Whoever said it says it otherwise."""
        place = self._channel(channel)
        message = place.messages[ts]
        stored = text if raw else escape(text)
        acts.edit(self.stage, place, message, stored, rich_text(stored, self.world.new_id("b")))

    def delete(self, channel: str, ts: str) -> None:
        """A message is taken back."""
        place = self._channel(channel)
        acts.delete(self.stage, place, place.messages[ts])

    def react(self, channel: str, ts: str, user: str, emoji: str) -> None:
        """A person reacts."""
        place = self._channel(channel)
        acts.react(self.stage, place, place.messages[ts], user, emoji)

    def unreact(self, channel: str, ts: str, user: str, emoji: str) -> None:
        """A person takes a reaction back."""
        place = self._channel(channel)
        acts.unreact(self.stage, place, place.messages[ts], user, emoji)

    def pin(self, channel: str, ts: str, user: str) -> None:
        """A person pins a message."""
        place = self._channel(channel)
        acts.pin(self.stage, place, place.messages[ts], user)

    def upload(
        self,
        channel: str,
        user: str,
        name: str,
        content: bytes | str,
        *,
        comment: str = "",
        mimetype: str = "text/plain",
        thread_ts: str = "",
    ) -> str:
        """A person uploads a file; returns the `ts` of the message that shows it."""
        data = content.encode() if isinstance(content, str) else content
        file = File(
            id=self.world.new_id("F"),
            name=name,
            title=name,
            user=user,
            created=int(self.world.now()),
            length=len(data),
            mimetype=mimetype,
            filetype=name.rsplit(".", 1)[-1],
            content=data,
            uploaded=True,
            complete=True,
        )
        self.world.files[file.id] = file
        draft = Draft(user=user, text=escape(comment), thread_ts=thread_ts)
        return acts.share_file(self.stage, self._channel(channel), file, draft).ts
