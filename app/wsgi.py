"""The WSGI application that the Procfile names."""

from app import create_app

app = create_app()
