"""What FastAPI's test client does, where Flask's does something else."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.middleware import Middleware

from compat.sessions import CookieSession, FlaskSessions, serializer
from fastapi_app.database import get_session
from fastapi_app.dependencies import current_user
from shared import accounts, clock, customers
from shared.customers import Customer

KEY = "a key that signs the cookies of a test"
ADA = {"email": "ada@a.test", "password": "correct horse battery"}


def plain() -> FastAPI:
    """An app without error handlers of its own."""
    app = FastAPI(middleware=[Middleware(FlaskSessions, secret_key=KEY)])

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError

    @app.get("/asked")
    async def asked(request: Request) -> dict[str, str | None]:
        agent, accept = request.headers.get("User-Agent"), request.headers.get("Accept")
        host, address = request.headers["Host"], request.client and request.client.host
        return {"host": host, "address": address, "agent": agent, "accept": accept}

    @app.get("/visits")
    async def visits(session: CookieSession) -> dict[str, int]:
        session["visits"] = session.get("visits", 0) + 1
        return {"visits": session["visits"]}

    return app


def test_a_query_is_a_parameter(client: TestClient) -> None:
    response = client.get("/search", params={"q": "a b"})
    assert response.json() == {"term": "a b"}


def test_json_is_a_parameter(client: TestClient) -> None:
    response = client.post("/lowercase", json={"text": "LOUD"})
    assert response.json() == {"text": "loud"}


def test_a_form_is_a_parameter(client: TestClient) -> None:
    response = client.post("/submit", data={"city": "Paris"})
    assert response.json() == {"city": "Paris"}


def test_a_file_is_a_parameter(client: TestClient) -> None:
    response = client.post("/upload", files={"file": ("a.txt", b"hello")})
    assert response.json()["name"] == "a.txt"


def test_a_body_of_bytes_is_a_parameter(client: TestClient) -> None:
    body = b'{"text":"LOUD"}'
    headers = {"Content-Type": "application/json"}
    response = client.post("/lowercase", content=body, headers=headers)
    assert response.json() == {"text": "loud"}


def test_how_the_body_of_an_answer_is_read(client: TestClient) -> None:
    response = client.get("/")
    assert response.content == b'{"hello":"world"}'
    assert response.text == '{"hello":"world"}'
    assert response.json() == {"hello": "world"}


def test_what_the_json_of_an_empty_answer_is(client: TestClient) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        client.delete("/profile").json()


def test_whether_a_redirect_is_followed(app: FastAPI) -> None:
    response = TestClient(app).get("/headers/old")
    assert response.status_code == 200
    assert [each.status_code for each in response.history] == [302]
    assert TestClient(app, follow_redirects=False).get("/headers/old").status_code == 302


def test_whether_an_exception_is_one_of_the_test() -> None:
    app = plain()
    with pytest.raises(ZeroDivisionError):
        TestClient(app).get("/fails")
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/fails").status_code == 500


def test_an_exception_that_the_app_answers_stays_in_the_app(client: TestClient) -> None:
    assert client.get("/errors/unexpected").status_code == 500


def test_what_the_app_is_told_of_the_client() -> None:
    told = TestClient(plain()).get("/asked").json()
    assert told["host"] == "testserver"
    assert told["address"] == "testclient"
    assert told["agent"] == "testclient"
    assert told["accept"] == "*/*"


def test_the_client_can_be_another() -> None:
    client = TestClient(plain(), base_url="http://shop.test", client=("192.0.2.1", 50000))
    response = client.get("/asked")
    assert response.json()["host"] == "shop.test"
    assert response.json()["address"] == "192.0.2.1"


def test_cookies_are_kept(client: TestClient) -> None:
    client.post("/profile", json={"name": "ada"})
    assert client.cookies["name"] == "ada"
    client.cookies.clear()
    client.cookies.set("name", "grace")
    assert client.get("/profile").json() == {"name": "grace"}


def test_whether_a_secure_cookie_is_sent_over_http(app: FastAPI, client: TestClient) -> None:
    client.post("/profile", json={"name": "ada", "secure": True})
    assert client.get("/profile").json() == {"name": None}
    client = TestClient(app, base_url="https://testserver")
    client.post("/profile", json={"name": "ada", "secure": True})
    assert client.get("/profile").json() == {"name": "ada"}


def test_a_session_is_written_before_a_request() -> None:
    """There is no `session_transaction`, but the cookie can be signed here as well."""
    cookies = {"session": serializer(KEY).dumps({"visits": 6})}
    client = TestClient(plain(), cookies=cookies)
    assert client.get("/visits").json() == {"visits": 7}


def test_a_session_is_read_after_a_request() -> None:
    client = TestClient(plain())
    client.get("/visits")
    assert serializer(KEY).loads(client.cookies["session"]) == {"visits": 1}


def test_a_user_is_logged_in_without_a_password(app: FastAPI, client: TestClient) -> None:
    """Nobody is: who asks for the user is given one, and nothing of a login happens."""
    app.dependency_overrides[current_user] = lambda: accounts.User(id=1, email="ada@a.test")
    assert client.get("/session").json()["email"] == "ada@a.test"


def test_a_row_is_made_outside_of_a_request(app: FastAPI, client: TestClient) -> None:
    with app.state.database.session() as session:
        row = customers.create(session, {"name": "Ada", "email": "ada@a.test"})
    assert client.get(f"/customers/{row.id}").json()["name"] == "Ada"


def test_a_request_can_use_the_database_session_of_the_test(
    app: FastAPI, client: TestClient
) -> None:
    """There is no context to share, but the dependency can be replaced."""
    with app.state.database.session() as session:
        app.dependency_overrides[get_session] = lambda: session
        session.add(Customer(name="Ada", email="ada@a.test", created_at=clock.now()))
        session.flush()
        assert "Ada" in client.get("/customers").text
        session.rollback()
        assert "Ada" not in client.get("/customers").text


def test_an_address_is_made_from_the_name_of_a_handler(app: FastAPI) -> None:
    assert app.url_path_for("throw") == "/testing/throw"


def test_when_an_app_starts(app: FastAPI) -> None:
    """When a client is entered: without `with`, what the lifespan opens is missing."""
    assert TestClient(app).get("/health").status_code == 200
    assert not hasattr(app.state, "upstream")
    with TestClient(app):
        assert not app.state.upstream.is_closed
    assert app.state.upstream.is_closed
