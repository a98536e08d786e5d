"""Inbox, outbox, lanes, leases: at least once out, exactly once there, in order."""
