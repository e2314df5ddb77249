"""Settings are checked before an app starts: one message names each variable that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from servers.running import Running, ServerError, start
from shared.passwords import LEAST_MEMORY
from shared.settings import DEVELOPMENT_KEY, READERS, Settings, SettingsError

KEY = "a key that these tests know, of 32 bytes or more"
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": KEY}
each_app = pytest.mark.parametrize("name", ["flask", "fastapi"])


def serve(name: str, folder: Path, **environ: str) -> Running:
    database = {"DATABASE_URL": f"sqlite:///{folder / 'shop'}.db"}
    return start(name, log_path=folder / "log", environ=database | environ)


def refusal(name: str, folder: Path, **environ: str) -> str:
    """The log of a server that does not start."""
    with serve(name, folder, **environ) as server, pytest.raises(ServerError):
        server.wait_ready(90)
    # gunicorn writes it as a line of JSON.
    return (folder / "log").read_text("utf-8").replace("\\n", "\n")


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(environ)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(("given", "served_by"), [({}, False), ({"SERVED_BY": "1"}, True)])
def test_in_production_who_answered_is_told_on_demand_only(
    given: dict[str, str], served_by: bool
) -> None:
    assert Settings.from_environ({**PRODUCTION, **given}).served_by is served_by


def test_nothing_set_is_development() -> None:
    assert Settings.from_environ({}) == Settings()
    assert Settings().in_development


def test_every_setting_has_a_field_of_its_name() -> None:
    assert {name.lower() for name in READERS} <= set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("CORS_ORIGINS", ["*", "a.test", "ftp://a.test", "http://", "http://a.test/", "null"]),
        (
            "DATABASE_URL",
            ["", "shop.db", "mysql://u@h/x", "postgresql+psycopg2://u@h/x", "x+y://z", "http://a"],
        ),
        ("ENVIRONMENT", ["", "Production", "staging", "production "]),
        ("LOG_FORMAT", ["", "JSON", "xml"]),
        ("LOG_LEVEL", ["", "info", "VERBOSE", "20", "NOTSET"]),
        ("MAX_BODY_SIZE", ["", "-1", "1.5", "2M", " 1", "٣", "1" * 13, "1" * 5000]),
        ("PASSWORD_MEMORY", ["", "7", "1048577", "19M"]),
        ("SECRET_KEY", ["", "short", "x" * 31]),
        ("SERVED_BY", ["", "yes", "true", "2"]),
        ("TRUSTED_PROXIES", ["", "one", "-1"]),
        ("UPSTREAM_URL", ["", "a.test", "ftp://a.test", "http://", "http://a:x", "http://[", "/x"]),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, values: list[str]) -> None:
    for value in values:
        (fault,) = faults({name: value})
        assert fault.startswith(f"{name}: "), value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "hunter2"),
        ("DATABASE_URL", "mysql://shop:hunter2@db.test/shop"),
        ("DATABASE_URL", "postgresql+psycopg://shop:hunter2@db.test:x/shop"),
    ],
)
def test_a_message_shows_no_secret(name: str, value: str) -> None:
    assert "hunter2" not in "".join(faults({name: value}))


def test_the_settings_in_a_message_show_no_secret() -> None:
    text = repr(Settings(secret_key=KEY, database_url="postgresql://shop:hunter2@db.test/shop"))
    assert KEY not in text
    assert "hunter2" not in text


@pytest.mark.parametrize("environment", ["production"])
@pytest.mark.parametrize("key", [{}, {"SECRET_KEY": DEVELOPMENT_KEY}])
def test_the_development_key_is_refused_in_production(
    environment: str, key: dict[str, str]
) -> None:
    (fault,) = faults({"ENVIRONMENT": environment, **key})
    assert fault == "SECRET_KEY: one of your own is needed outside of development"


def test_a_hash_that_is_too_cheap_is_refused_in_production() -> None:
    (fault,) = faults({**PRODUCTION, "PASSWORD_MEMORY": str(LEAST_MEMORY - 1)})
    assert fault == f"PASSWORD_MEMORY: at least {LEAST_MEMORY} outside of development"
    enough = {**PRODUCTION, "PASSWORD_MEMORY": str(LEAST_MEMORY)}
    assert Settings.from_environ(enough).password_memory == LEAST_MEMORY


def test_a_file_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        'LOG_LEVEL = "ERROR"\nMAX_BODY_SIZE = 100\nSERVED_BY = false\n'
        'CORS_ORIGINS = ["http://a.test", "http://b.test"]\n'
    )
    found = Settings.from_environ({"SETTINGS_FILE": str(file), "MAX_BODY_SIZE": "7"})
    assert (found.log_level, found.max_body_size, found.served_by) == ("ERROR", 7, False)
    assert found.cors_origins == ("http://a.test", "http://b.test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"LOG_LEVEL = ", "SETTINGS_FILE: "),
        (b'LOG_LEVEL="INFO"\nLOG_LEVEL="INFO"', "SETTINGS_FILE: "),
        (b'LOG_LEVEL = "\xff"', "SETTINGS_FILE: "),
        (b'LOG_LEVLE = "INFO"', "SETTINGS_FILE: "),
        (b'log_level = "INFO"', "SETTINGS_FILE: "),
        (b'SETTINGS_FILE = "other.toml"', "SETTINGS_FILE: "),
        (b"[LOG_LEVEL]", "LOG_LEVEL: "),
        (b"LOG_LEVEL = 20", "LOG_LEVEL: "),
        (b"LOG_LEVEL = 2.5", "LOG_LEVEL: "),
        (b"CORS_ORIGINS = [1]", "CORS_ORIGINS: "),
        (b"MAX_BODY_SIZE = 2026-01-31", "MAX_BODY_SIZE: "),
    ],
)
def test_a_line_of_the_file_that_cannot_be_used_is_named(
    text: bytes, expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(text)
    (fault,) = faults({"SETTINGS_FILE": str(file)})
    assert fault.startswith(expected)


@pytest.mark.parametrize("path", ["", "none.toml", "."])
def test_a_file_that_cannot_be_read_is_named(path: str, tmp_path: Path) -> None:
    (fault,) = faults({"SETTINGS_FILE": str(tmp_path / path)})
    assert fault.startswith(f"SETTINGS_FILE: {tmp_path / path}")


@each_app
def test_an_app_says_all_that_is_wrong_at_once_and_does_not_start(
    name: str, tmp_path: Path
) -> None:
    wrong = {"ENVIRONMENT": "staging", "LOG_LEVEL": "loud", "SECRET_KEY": "short"}
    log = refusal(name, tmp_path, **wrong, TRUSTED_PROXIES="none")
    assert (
        "SettingsError: ENVIRONMENT: 'staging' is none of development, production\n"
        "LOG_LEVEL: 'loud' is none of DEBUG, INFO, WARNING, ERROR, CRITICAL\n"
        "SECRET_KEY: at least 32 bytes are needed\n"
        "TRUSTED_PROXIES: 'none' is not a whole number"
    ) in log
    assert not (tmp_path / "shop.db").exists()


@pytest.mark.slow
@each_app
def test_an_app_does_not_start_in_production_without_a_key_of_its_own(
    name: str, tmp_path: Path
) -> None:
    log = refusal(name, tmp_path, ENVIRONMENT="production")
    assert "SettingsError: SECRET_KEY: one of your own is needed outside of development" in log


@each_app
def test_in_production_nothing_is_shown_and_cookies_are_secure(name: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'ENVIRONMENT = "production"\nSECRET_KEY = "{KEY}"\n')
    with serve(name, tmp_path, SETTINGS_FILE=str(file)) as server:
        server.wait_ready(90)
        shown = requests.get(f"{server.url}/settings", timeout=10)
        form = requests.get(f"{server.url}/login", timeout=10)
    assert "; Secure; " in form.headers["Set-Cookie"]
    assert shown.status_code == 404
    assert shown.json()["status"] == 404
    assert "X-Served-By" not in shown.headers
