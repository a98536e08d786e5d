"""What the bot itself serves: whether it is well, counters, and pictures for those who need them.

No page names a person, a room or a word that was said.
"""
