"""The WSGI entry point: `gunicorn 'servers.wsgi:create_app()'`."""

import os

from flask import Flask

from flask_app.app import create_app as create_flask_app
from shared import logs, readiness
from shared.settings import Settings


def create_app() -> Flask:
    """Build the Flask app from the settings in the environment."""
    settings = Settings.from_environ(os.environ)
    logs.configure(settings)
    readiness.start(settings)
    return create_flask_app(settings)
