"""What needs several domains at once: what is new and open, told to a room."""
