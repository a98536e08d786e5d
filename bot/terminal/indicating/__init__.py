"""`liaison indicators`: what operators do, beside a running bot or without one."""
