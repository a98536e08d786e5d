"""Alerts beside chat: by mail, and by the services that Apprise speaks.

Each is carried by a process of its own (`carrier.py`), which is bounded by ending it.
"""
