"""What the words of the command line do, beside a running bot or without one."""
