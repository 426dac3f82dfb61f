"""Genesys Cloud on a laptop: what runs an exported data action, and what stands in for a conversation."""
