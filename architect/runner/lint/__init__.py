"""The linter of flows: what Archy refuses or a call will suffer from, found without an organisation.

Nothing is imported at this level, so that the rule table can be read without the engine's dependencies.
"""
