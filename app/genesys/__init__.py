"""What Genesys Cloud sends of its own accord, and what Callspan makes of it."""
