"""The ASGI application that the Procfile names."""

from app import MAX_BODY, create_app
from app.gateway import Gateway

flask = create_app()
parts = flask.extensions["callspan"]
parts.telemetry.start()
app = Gateway(flask.wsgi_app, parts.hot_path, MAX_BODY)
