"""The running bot: its parts, what goes on again and again, and what it is told meanwhile."""
