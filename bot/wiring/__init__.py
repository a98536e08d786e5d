"""What the configuration says, as those parts want it that are built of it."""
