"""The whole bot as a process, between a Slack stand-in and a real homeserver."""
