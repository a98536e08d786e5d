"""Reaching people: who is on duty, and the ladder that is climbed until one of a team answers.

Below the domains, as `bot.schedules` is: any of them may call a team. What rings beside chat holds
a number, a severity and a link, and never a word more; `bot.tasks.ringer` sends it.
"""
