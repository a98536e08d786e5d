"""What the commands about indicators share: reading values, saying answers, telling watchers."""
