"""Joint advisories: written, sealed by those who stand for them, released at one instant with the
next number of their series, acknowledged by each team, superseded when the facts change.

`states` says which step may follow which; what is approved is the hash in `document`.
"""
