"""What was decided, by whom: silence, votes, and the ledger that nobody can quietly change."""
