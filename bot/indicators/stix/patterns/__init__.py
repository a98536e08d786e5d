"""STIX patterns: read, written, and taken apart into the values they match."""
