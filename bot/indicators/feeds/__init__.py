"""Sources of indicators: how they are fetched, read, watched over, and when.

What a source gives is spooled to a file that has no name, looked at as a whole, and only then taken
over: whatever goes wrong on the way leaves what was known as it was.
"""
