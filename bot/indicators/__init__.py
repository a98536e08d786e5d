"""What the allies know about a value: reading it, what sources say of it, who may know."""
