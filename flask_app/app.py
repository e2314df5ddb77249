"""The Flask app, put together."""

from collections.abc import Sequence

from flask import Flask
from flask.blueprints import Blueprint

from flask_app import (
    configuration,
    cors,
    database,
    errors,
    lifespan,
    middleware,
    openapi,
    parsing,
    security,
    sessions,
    templates,
    upstream,
)
from flask_app.routes import blueprints
from shared.settings import Settings


def create_app(settings: Settings, blueprints: Sequence[Blueprint] = blueprints) -> Flask:
    app = Flask(__name__, static_folder=None)
    configuration.install(app, settings)
    parsing.install(app, settings)
    database.install(app, settings)
    security.install(app, settings)
    sessions.install(app, settings)
    templates.install(app, settings)
    upstream.install(app, settings)
    lifespan.install(app, settings)
    cors.install(app, settings)
    middleware.install(app, settings)
    openapi.install(app, blueprints)
    errors.install(app)
    return app
