"""Alerts beside chat: by mail, and by the services that Apprise speaks.

They are carried by processes of their own (`carrier.py`), which are bounded by ending them.
"""
