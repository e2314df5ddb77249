"""An app for each test, on a new database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from fastapi_app.app import create_app
from shared.schema import prepare
from shared.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/shop.db")
    prepare(settings)
    return settings


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    # The app starts and stops with this block: without it, what the lifespan opens is missing.
    with TestClient(app, follow_redirects=False) as client:
        yield client
