"""Whether what people are shown of decisions is what their ledger says.

Lists, `show` and minutes are read from tables beside the ledger, which no hash covers: whoever
edits those changes what is read, and no chain breaks. So each row is held against the entries that
it follows from.
"""

from bot.decisions.agreeing.agreeing import disagreement

__all__ = ["disagreement"]
