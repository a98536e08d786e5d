"""Custody of what allies hand over."""
