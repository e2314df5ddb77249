"""What a request has set up is cleaned up before its answer goes out.

From outside it is a race: a client that asks at once may be too early, or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.pool import QueuePool
from starlette.types import Message, Receive, Scope, Send

import fastapi_app.app
import flask_app.app
from shared.database import Database
from shared.schema import prepare
from shared.settings import Settings
from shared.trails import Trail

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery staple"}
DESK = "/dependencies/desks/1"
WHOLE = ["permission checked", "desk opened", "work done", "desk closed"]
Post = Callable[..., Any]


class Witness:
    """Looks around at the moment at which the first byte of an answer may go out."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(database_url=f"sqlite:///{folder}/shop.db", log_level="WARNING")
        prepare(self.settings)
        self.trails: list[list[str]] = []
        self.sessions: list[int] = []

    def look(self, app_database: Database) -> None:
        """Note which trails are stored, and how many connections the app's sessions hold."""
        pool = app_database.engine.pool
        assert isinstance(pool, QueuePool)
        self.sessions.append(pool.checkedout())
        database = Database(self.settings.database_url)
        with database.session() as session:
            self.trails = list(session.scalars(select(Trail.steps)))
        database.close()

    def visit(self, post: Post) -> None:
        assert post("/accounts", json=ACCOUNT).status_code == 201
        assert post("/session", json=ACCOUNT).status_code == 204
        assert not self.trails
        assert post(DESK).status_code == 201
        assert self.trails == [WHOLE]
        assert self.sessions == [0, 0, 0]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path)


def test_flask_cleans_up_before_a_server_gets_the_body(witness: Witness) -> None:
    app = flask_app.app.create_app(witness.settings)
    inner, database = app.wsgi_app, app.extensions["database"]

    def watched(environ: Any, start_response: Any) -> Iterable[bytes]:
        body = inner(environ, start_response)
        witness.look(database)
        return body

    app.wsgi_app = watched  # type: ignore[method-assign]
    witness.visit(app.test_client().post)
    database.close()


def test_fastapi_cleans_up_before_an_answer_begins(witness: Witness) -> None:
    app = fastapi_app.app.create_app(witness.settings)

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                witness.look(app.state.database)
            await send(message)

        await app(scope, receive, look_and_send)

    with TestClient(watched) as client:
        witness.visit(client.post)
