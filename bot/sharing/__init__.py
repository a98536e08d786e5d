"""What may go where: markings, teams, and later the gate."""
