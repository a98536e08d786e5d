"""The bridge: relay, links between a message and its copies, catch-up."""
