"""The long version of the kill test: `python -m tests.soak`."""
