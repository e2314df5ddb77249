"""The Flask app, put together."""

from flask import Flask

from flask_app import cors, database, errors, middleware, openapi, parsing
from flask_app.routes import blueprints
from shared.settings import Settings


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    parsing.install(app, settings)
    database.install(app, settings)
    middleware.install(app, settings)
    openapi.install(app, blueprints)
    errors.install(app)
    cors.install(app, settings)
    return app
