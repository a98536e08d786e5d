"""What others warn of: CSAF documents, the KEV catalogue, RSS and Atom, read as items.

An item is the same whatever it came from; filters say where it goes, and what is known already is
not told twice.
"""
