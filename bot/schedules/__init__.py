"""What happens at a time: kept in two tables, which are the truth.

`bot.tasks.scheduler` carries it out. A domain begins a schedule with `keeping.begin` and brings a
handler for its kind (`kinds`).
"""
