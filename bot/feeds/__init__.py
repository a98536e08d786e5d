"""What all feeds share: how they are fetched, how they stand, when they are read next.

Whoever runs a feed chooses its redirects, its further pages and what its name resolves to; here is
the one way out to them. What a feed brings is read elsewhere: indicators in `bot.indicators.feeds`,
advisories in `bot.advisories.sources`.
"""
