"""The networks: one folder each, registered by the entry point group `liaison.networks`."""
