"""The ledger: a chain of entries for each series, which nobody can quietly change."""
