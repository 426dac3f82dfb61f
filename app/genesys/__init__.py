"""Genesys Cloud: what it sends of its own accord, and what is asked of its platform API."""
