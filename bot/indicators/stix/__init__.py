"""STIX 2.0 and 2.1: bundles read into what a source says, and what the channel knows written."""
