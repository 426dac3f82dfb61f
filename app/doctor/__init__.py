"""`callspan doctor`: is everything that calls depend on as it should be, and if not, what would put it right.

Each module looks at one thing and returns `Check`s. What they ask over HTTP goes through one `Web`, which also learns
how far this machine's clock is off.
"""
