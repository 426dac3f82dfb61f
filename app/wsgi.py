"""The WSGI application that the Procfile names; `app/worker.py` takes its hot path from it."""

from app import create_app

app = create_app()
app.extensions["callspan"].telemetry.start()
