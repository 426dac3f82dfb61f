"""The ASGI application that the Procfile names."""

from app import MAX_BODY, create_app
from app.gateway import Gateway

flask = create_app()
app = Gateway(flask.wsgi_app, flask.extensions["callspan"].hot_path, MAX_BODY)
