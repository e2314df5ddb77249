"""What Flask's test client does, where FastAPI's does something else."""

from io import BytesIO
from typing import NoReturn

import pytest
from flask import Flask, request, session, url_for
from flask.testing import FlaskClient

from flask_app.database import get_session
from shared import accounts, clock, customers
from shared.customers import Customer

KEY = "a key that signs the cookies of a test"
ADA = {"email": "ada@a.test", "password": "correct horse battery"}


def plain() -> Flask:
    """An app without error handlers of its own."""
    app = Flask(__name__)
    app.secret_key = KEY

    @app.get("/fails")
    def fails() -> NoReturn:
        raise ZeroDivisionError

    @app.get("/asked")
    def asked() -> dict[str, str | None]:
        agent, accept = request.headers.get("User-Agent"), request.headers.get("Accept")
        host, address = request.host, request.remote_addr
        return {"host": host, "address": address, "agent": agent, "accept": accept}

    @app.get("/visits")
    def visits() -> dict[str, int]:
        session["visits"] = session.get("visits", 0) + 1
        return {"visits": session["visits"]}

    return app


def test_a_query_is_a_parameter(client: FlaskClient) -> None:
    response = client.get("/search", query_string={"q": "a b"})
    assert response.get_json() == {"term": "a b"}


def test_json_is_a_parameter(client: FlaskClient) -> None:
    response = client.post("/lowercase", json={"text": "LOUD"})
    assert response.get_json() == {"text": "loud"}


def test_a_form_is_a_parameter(client: FlaskClient) -> None:
    response = client.post("/submit", data={"city": "Paris"})
    assert response.get_json() == {"city": "Paris"}


def test_a_file_is_a_parameter(client: FlaskClient) -> None:
    response = client.post("/upload", data={"file": (BytesIO(b"hello"), "a.txt")})
    assert response.get_json()["name"] == "a.txt"


def test_a_body_of_bytes_is_a_parameter(client: FlaskClient) -> None:
    body = b'{"text":"LOUD"}'
    response = client.post("/lowercase", data=body, content_type="application/json")
    assert response.get_json() == {"text": "loud"}


def test_how_the_body_of_an_answer_is_read(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.data == b'{"hello":"world"}'
    assert response.text == '{"hello":"world"}'
    assert response.json == response.get_json() == {"hello": "world"}


def test_what_the_json_of_an_empty_answer_is(client: FlaskClient) -> None:
    assert client.delete("/profile").json is None


def test_whether_a_redirect_is_followed(app: Flask) -> None:
    assert app.test_client().get("/headers/old").status_code == 302
    response = app.test_client().get("/headers/old", follow_redirects=True)
    assert response.status_code == 200
    assert [each.status_code for each in response.history] == [302]


def test_whether_an_exception_is_one_of_the_test() -> None:
    app = plain()
    assert app.test_client().get("/fails").status_code == 500
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/fails")


def test_an_exception_that_the_app_answers_stays_in_the_app(client: FlaskClient) -> None:
    assert client.get("/errors/unexpected").status_code == 500


def test_what_the_app_is_told_of_the_client() -> None:
    told = plain().test_client().get("/asked").get_json()
    assert told["host"] == "localhost"
    assert told["address"] == "127.0.0.1"
    assert told["agent"].startswith("Werkzeug/")
    assert told["accept"] is None


def test_the_client_can_be_another() -> None:
    client = plain().test_client()
    environ = {"REMOTE_ADDR": "192.0.2.1"}
    response = client.get("/asked", base_url="http://shop.test", environ_base=environ)
    assert response.get_json()["host"] == "shop.test"
    assert response.get_json()["address"] == "192.0.2.1"


def test_cookies_are_kept(client: FlaskClient) -> None:
    client.post("/profile", json={"name": "ada"})
    assert client.get_cookie("name").value == "ada"  # type: ignore[union-attr]
    client.set_cookie("name", "grace")
    assert client.get("/profile").get_json() == {"name": "grace"}


def test_whether_a_secure_cookie_is_sent_over_http(client: FlaskClient) -> None:
    client.post("/profile", json={"name": "ada", "secure": True})
    assert client.get("/profile").get_json() == {"name": "ada"}


def test_a_session_is_written_before_a_request() -> None:
    client = plain().test_client()
    with client.session_transaction() as before:
        before["visits"] = 6
    assert client.get("/visits").get_json() == {"visits": 7}


def test_a_session_is_read_after_a_request() -> None:
    with plain().test_client() as client:
        client.get("/visits")
        assert session["visits"] == 1


def test_a_user_is_logged_in_without_a_password(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        accounts.sign_up(get_session(), **ADA)
        login = accounts.log_in(get_session(), **ADA)
    with client.session_transaction() as before:
        before["login"] = login.text
    assert client.get("/session").get_json()["email"] == "ada@a.test"


def test_a_row_is_made_outside_of_a_request(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        row = customers.create(get_session(), {"name": "Ada", "email": "ada@a.test"})
    assert client.get(f"/customers/{row.id}").get_json()["name"] == "Ada"


def test_a_request_can_use_the_database_session_of_the_test(
    app: Flask, client: FlaskClient
) -> None:
    """An app context around a request is the request's own, and `g` with it."""
    with app.app_context():
        database = get_session()
        database.add(Customer(name="Ada", email="ada@a.test", created_at=clock.now()))
        database.flush()
        assert "Ada" in client.get("/customers").text
        database.rollback()
        assert "Ada" not in client.get("/customers").text


def test_an_address_is_made_from_the_name_of_a_handler(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("testing.throw") == "/testing/throw"


def test_when_an_app_starts(app: Flask) -> None:
    """When it is made: there is nothing that a client would have to start."""
    assert "upstream" in app.extensions
    assert app.test_client().get("/health").status_code == 200
