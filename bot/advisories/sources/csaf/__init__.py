"""CSAF 2.0 and 2.1: documents read, doubted, and said as items.

https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, and v2.1.
"""
