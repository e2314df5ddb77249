"""The entry point of the app in the middle of a migration: `uvicorn --factory
servers.hybrid:create_app`."""

import logging
import os

from fastapi import FastAPI

from migration.app import create_app as create_hybrid
from migration.topics import parse
from shared import logs, readiness
from shared.settings import Settings


def create_app() -> FastAPI:
    """Build the app from the settings in the environment; MIGRATED names the topics that FastAPI
    answers, with commas between them, or `all`."""
    settings = Settings.from_environ(os.environ)
    migrated = parse(os.environ.get("MIGRATED", ""))
    logs.configure(settings)
    logging.getLogger("migration").info("migrated", extra={"topics": sorted(migrated)})
    readiness.start(settings)
    return create_hybrid(settings, migrated)
