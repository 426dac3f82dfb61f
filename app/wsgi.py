"""The WSGI application that the Procfile names."""

import atexit

from app import create_app

app = create_app()
# What was counted in the last fraction of a second is still held back when a worker stops.
atexit.register(app.extensions["callspan"].metrics.flush)
