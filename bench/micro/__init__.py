"""`make bench-micro`: what the parts of a start cost by themselves, in a hot loop.

Good for comparing a part with itself; in a serving process the same call takes two to five times as long.
"""
