"""The linter of data actions: finds what will break in Genesys Cloud by executing the file's own templates here.

Nothing is imported at this level, so that the rule table can be read without the engine's dependencies.
"""
