"""The engine: what arrives becomes an event, what leaves is a delivery."""
