"""What goes on beside the messages while the bot runs: each looks after one thing."""
