"""What people type: one file a command, on one registry with one grammar for every network."""
