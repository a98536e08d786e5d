"""Custody of what allies hand over: how it is marked now, who can read it, what was done with it.

The rules are pure and stand in `bot.sharing`; here they meet the store.
"""
