"""What the sandbox's tests share: one homeserver."""

from __future__ import annotations

from tests.synapse import synapse

__all__ = ["synapse"]
