"""The bridge: what follows in the other rooms from what happens in one.

Each function gathers from the session, decides, and gives back what is to leave; nothing is sent.
A message's copies are outbox rows (`source`, `part`); what is later said about it names it by its
row (`about`), and where that lies in a room is looked up when its turn comes there.
"""
