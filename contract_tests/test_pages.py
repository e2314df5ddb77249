import re
from typing import Any

import pytest
import requests

from contract_tests import expect, signing, wire
from contract_tests.client import Api
from contract_tests.logins import PASSWORD, sign_up

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Visitor:
    """Somebody with a browser, which keeps the session; `name` tells two of a test apart."""

    def __init__(self, api: Api, name: str = "visitor") -> None:
        self.api, self.name, self.cookie = api, name, ""
        self.cookies = 0
        self.tokens: list[str] = []

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Accept": HTML, **options.pop("headers", {})}
        if self.cookie:
            headers["Cookie"] = f"session={self.cookie}"
        answer = self.api.request(method, path, headers=headers, **options)
        if told := answer.headers.get("Set-Cookie"):
            self._keep(told)
        return answer

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def send(self, path: str, **fields: str) -> requests.Response:
        """Fill in the form at this path and send it."""
        return self.post(path, data={"csrf_token": self.token(path), **fields})

    def token(self, path: str = "/login") -> str:
        """What the form at this path brings back."""
        (found,) = re.findall(r'name="csrf_token" value="([\w-]{32})"', self.get(path).text)
        if found not in self.tokens:
            self.tokens.append(found)
            self.api.volatile(f"token {len(self.tokens)} of {self.name}", found)
        return str(found)

    def log_in(self, email: str = "", path: str = "/login") -> requests.Response:
        email = email or sign_up(self.api, self.name)
        return self.send(path, email=email, password=PASSWORD)

    def _keep(self, told: str) -> None:
        value, *attributes = told.removeprefix("session=").split("; ")
        end = [text.removeprefix("Expires=") for text in attributes if "Expires=" in text]
        kept = [text for text in attributes if not text.startswith(("Expires=", "Max-Age="))]
        assert kept == ["HttpOnly", "Path=/", "SameSite=Lax"]
        self.cookies += 1
        self.cookie = value
        if value:
            self.api.volatile(f"session {self.cookies} of {self.name}", value)
            for moment in end:
                self.api.volatile(f"end of session {self.cookies} of {self.name}", moment)


def page(answer: requests.Response, title: str, status: int = 200) -> str:
    """The answer is a page with this title."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"<title>{title} · The shop</title>" in answer.text
    assert "Accept" in answer.headers["Vary"].split(", ")
    return answer.text


def redirect(answer: requests.Response, target: str) -> None:
    """The answer leads to a page, whatever the method was."""
    expect.empty(answer, 303)
    assert answer.headers["Location"] == target


def messages(text: str) -> list[str]:
    return re.findall(r'<p class="message" role="status">(.*)</p>', text)


# Forms


@pytest.mark.core
@pytest.mark.parametrize(
    ("path", "title", "fields"),
    [
        ("/signup", "Sign up", ["csrf_token", "email", "password"]),
        ("/login", "Log in", ["csrf_token", "email", "password", "remember"]),
    ],
)
def test_a_form_is_a_page(api: Api, path: str, title: str, fields: list[str]) -> None:
    visitor = Visitor(api)
    visitor.token(path)
    text = page(visitor.get(path), title)
    assert re.findall(r'<input [^>]*name="(\w+)"', text) == fields
    assert f'<form method="post" action="{path}">' in text


@pytest.mark.parametrize("accept", ["*/*", JSON, "application/problem+json", "image/png", ""])
@pytest.mark.parametrize("path", ["/signup", "/login"])
def test_a_page_is_html_whatever_is_asked_for(api: Api, path: str, accept: str) -> None:
    visitor = Visitor(api)
    visitor.token(path)
    assert "<form" in visitor.get(path, headers={"Accept": accept}).text


@pytest.mark.parametrize("path", ["/signup", "/login"])
def test_head_is_get_without_the_page(api: Api, path: str) -> None:
    visitor = Visitor(api)
    visitor.token(path)
    whole = visitor.get(path)
    head = visitor.request("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/signup", ["GET", "HEAD", "POST", "OPTIONS"]),
        ("/login", ["GET", "HEAD", "POST", "OPTIONS"]),
        ("/logout", ["POST", "OPTIONS"]),
        ("/account", ["GET", "HEAD", "OPTIONS"]),
    ],
)
def test_a_page_has_its_methods(api: Api, path: str, methods: list[str]) -> None:
    expect.allow(api.options(path), methods)
    answer = api.put(path, headers={"Accept": HTML})
    page(answer, "Method Not Allowed", 405)
    expect.allow(answer, methods)


def test_the_token_of_a_visitor_stays(api: Api) -> None:
    visitor = Visitor(api)
    first = visitor.token("/login")
    answer = visitor.get("/login")
    assert first in answer.text
    assert "Set-Cookie" not in answer.headers
    assert visitor.token("/signup") == first


@pytest.mark.core
def test_a_page_loads_nothing_from_another_host(api: Api) -> None:
    visitor = Visitor(api)
    visitor.token()
    linked = re.findall(r'(?:href|src)="([^"]*)"', visitor.get("/login").text)
    linked.remove("data:,")
    assert "/static/shop.css" in linked
    for address in linked:
        assert visitor.request("HEAD", address).status_code == 200


# The way through


@pytest.mark.core
def test_one_signs_up_logs_in_and_logs_out(api: Api) -> None:
    email = sign_up(api, "other").replace("other", "visitor")
    api.volatile("email", email)
    visitor = Visitor(api)
    redirect(visitor.send("/signup", email=email, password=PASSWORD), "/login")
    visitor.token()
    assert messages(visitor.get("/login").text) == []
    redirect(visitor.log_in(email), "/account")
    visitor.token("/account")
    assert f"<strong>{email}</strong>" in page(visitor.get("/account"), "Your account")
    redirect(visitor.post("/logout", data={"csrf_token": visitor.token("/account")}), "/login")
    visitor.token()
    redirect(visitor.get("/account"), "/login?next=/account")


def test_a_message_is_shown_once(api: Api) -> None:
    visitor = Visitor(api)
    visitor.log_in()
    answer = visitor.get("/account")
    (found,) = re.findall(r'name="csrf_token" value="([\w-]{32})"', answer.text)
    api.volatile("token", found)
    assert messages(answer.text) == ["You are logged in."]
    assert messages(visitor.get("/account").text) == []


def test_messages_are_kept_as_in_every_session(api: Api) -> None:
    visitor = Visitor(api)
    visitor.log_in()
    assert signing.read(visitor.cookie)["_flashes"] == [{" t": ["message", "You are logged in."]}]


def test_a_login_on_a_page_is_a_login_everywhere(api: Api) -> None:
    visitor = Visitor(api)
    visitor.log_in()
    assert visitor.get("/session").status_code == 200
    assert visitor.request("DELETE", "/session").status_code == 204
    redirect(visitor.get("/account"), "/login?next=/account")


def test_a_login_elsewhere_is_a_login_on_the_pages(api: Api) -> None:
    visitor = Visitor(api)
    visitor.post("/session", json={"email": sign_up(api), "password": PASSWORD})
    visitor.token("/account")
    page(visitor.get("/account"), "Your account")


def test_logging_out_ends_the_login_even_if_the_cookie_was_copied(api: Api) -> None:
    visitor, thief = Visitor(api), Visitor(api, "thief")
    visitor.log_in()
    token = visitor.token("/account")
    thief.cookie = visitor.cookie
    assert thief.get("/session").status_code == 200
    visitor.post("/logout", data={"csrf_token": token})
    assert thief.get("/session").status_code == 401


def test_a_login_ends_the_one_before_in_this_browser(api: Api) -> None:
    visitor, thief = Visitor(api), Visitor(api, "thief")
    visitor.log_in()
    thief.cookie = visitor.cookie
    visitor.log_in(sign_up(api, "other"))
    assert thief.get("/session").status_code == 401
    assert visitor.get("/session").status_code == 200


@pytest.mark.parametrize(
    ("fields", "lasts"),
    [({}, False), ({"remember": "false"}, False), ({"remember": "true"}, True)],
)
def test_a_login_lasts_if_the_box_is_ticked(api: Api, fields: dict[str, str], lasts: bool) -> None:
    visitor = Visitor(api)
    answer = visitor.send("/login", email=sign_up(api), password=PASSWORD, **fields)
    redirect(answer, "/account")
    assert ("Expires=" in answer.headers["Set-Cookie"]) is lasts


@pytest.mark.core
def test_a_login_gives_new_tokens(api: Api) -> None:
    visitor = Visitor(api)
    before = visitor.token()
    visitor.log_in()
    assert "csrf_token" not in signing.read(visitor.cookie)
    assert visitor.token("/account") != before
    page(visitor.post("/logout", data={"csrf_token": before}), "Forbidden", 403)


def test_each_visitor_sees_only_their_own_page(api: Api) -> None:
    one, other = Visitor(api, "one"), Visitor(api, "other")
    for visitor in (one, other):
        visitor.log_in()
        visitor.token("/account")
    for visitor in (one, other, one):
        found = re.findall(r"<strong>([^<]*)@example.com</strong>", visitor.get("/account").text)
        assert len(found) == 1
        assert found[0].startswith(f"{visitor.name}-")


@pytest.mark.core
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a & b", "a &amp; b"),
        ("\"'", "&#34;&#39;"),
        ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
        ("é汉 😀", "é汉 😀"),
    ],
)
def test_what_somebody_wrote_is_shown_as_it_was_written(api: Api, text: str, shown: str) -> None:
    visitor = Visitor(api)
    visitor.log_in()
    draft = visitor.request("PUT", "/session/draft", json={"text": text}).json()
    api.volatile("draft", draft["id"])
    api.volatile("time", draft["kept_at"])
    visitor.token("/account")
    assert f"<blockquote>{shown}</blockquote>" in page(visitor.get("/account"), "Your account")


# Forms of others


@pytest.mark.core
@pytest.mark.parametrize("path", ["/signup", "/login", "/logout"])
@pytest.mark.parametrize("sent", [None, "", "x", "x" * 32, "é", "\x00", " ", "a" * 9000])
def test_a_form_without_its_token_is_refused(api: Api, path: str, sent: str | None) -> None:
    visitor = Visitor(api)
    visitor.token()
    fields = {"email": "ada@example.com", "password": PASSWORD}
    answer = visitor.post(path, data=fields if sent is None else {**fields, "csrf_token": sent})
    page(answer, "Forbidden", 403)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/signup", "/login", "/logout"])
def test_a_program_is_told_so_in_a_problem(api: Api, path: str) -> None:
    answer = api.post(path, data={"email": "ada@example.com", "password": PASSWORD})
    expect.problem(answer, 403, type="/problems/forged-form")


def test_the_token_of_another_visitor_is_refused(api: Api) -> None:
    one, other = Visitor(api, "one"), Visitor(api, "other")
    one.token()
    page(one.post("/logout", data={"csrf_token": other.token()}), "Forbidden", 403)


def test_a_token_is_nothing_without_the_session(api: Api) -> None:
    found = Visitor(api).token()
    page(Visitor(api).post("/logout", data={"csrf_token": found}), "Forbidden", 403)


def test_a_token_in_the_query_is_none(api: Api) -> None:
    visitor = Visitor(api)
    page(visitor.post(f"/logout?csrf_token={visitor.token()}", data={}), "Forbidden", 403)


def test_the_first_of_two_tokens_counts(api: Api) -> None:
    visitor = Visitor(api)
    good = visitor.token()
    fields = [("csrf_token", "x"), ("csrf_token", good)]
    page(visitor.post("/logout", data=fields), "Forbidden", 403)
    redirect(visitor.post("/logout", data=fields[::-1]), "/login")


def test_a_form_may_be_multipart(api: Api) -> None:
    visitor = Visitor(api)
    fields = {"csrf_token": (None, visitor.token())}
    redirect(visitor.post("/logout", files=fields), "/login")


def test_a_token_in_a_file_is_none(api: Api) -> None:
    visitor = Visitor(api)
    fields = {"csrf_token": ("token.txt", visitor.token())}
    page(visitor.post("/logout", files=fields), "Forbidden", 403)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"", ""),
        (b"csrf_token=%s", "text/plain"),
        (b'{"csrf_token":"%s"}', JSON),
        (b"csrf_token=%s&x=\xff", FORM),
        (b"csrf_token=%s", "multipart/form-data"),
        (b"--B\r\nnonsense %s", "multipart/form-data; boundary=B"),
    ],
)
def test_what_cannot_be_read_has_no_token(api: Api, body: bytes, content_type: str) -> None:
    visitor = Visitor(api)
    data = body.replace(b"%s", visitor.token().encode())
    headers = {"Content-Type": content_type} if content_type else {}
    page(visitor.post("/logout", data=data, headers=headers), "Forbidden", 403)


def test_a_form_that_is_declared_too_large_is_not_read(api: Api) -> None:
    visitor = Visitor(api)
    fields = {"csrf_token": visitor.token(), "email": "a" * (2 * 1024 * 1024)}
    page(visitor.post("/login", data=fields), "Content Too Large", 413)


def test_a_form_of_unknown_size_that_is_too_large_has_no_token(api: Api) -> None:
    visitor = Visitor(api)
    chunks = [f"csrf_token={visitor.token()}&email=".encode(), *[b"a" * 65536] * 33]
    raw = wire.chunked("/login", FORM, chunks)
    raw = raw.replace(b"\r\n", f"\r\nCookie: session={visitor.cookie}\r\n".encode(), 1)
    expect.problem(api.raw(raw), 403, type="/problems/forged-form")


# What is filled in wrongly


@pytest.mark.parametrize("path", ["/signup", "/login"])
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": None}, "email", "required"),
        ({"email": ""}, "email", "format"),
        ({"email": "ada"}, "email", "format"),
        ({"email": "a\x00@example.com"}, "email", "format"),
        ({"email": "a" * 300 + "@example.com"}, "email", "format"),
        ({"password": None}, "password", "required"),
        ({"password": "x" * 129}, "password", "maxLength"),
        ({"next": "/"}, "next", "additionalProperties"),
        ({"<b>": "/"}, "\\u003cb\\u003e", "additionalProperties"),
    ],
)
def test_what_is_filled_in_wrongly_is_told(
    api: Api, path: str, changes: dict[str, str | None], field: str, code: str
) -> None:
    visitor = Visitor(api)
    given = {"csrf_token": visitor.token(), "email": "ada@example.com", "password": PASSWORD}
    fields = {name: value for name, value in {**given, **changes}.items() if value is not None}
    answer = visitor.post(path, data=fields, headers={"Accept": JSON})
    expect.problem(answer, 422, errors=[("body", field, code)])
    text = page(visitor.post(path, data=fields), "Unprocessable Content", 422)
    assert f"<li>{field}: " in text


@pytest.mark.parametrize("value", ["", "on", "yes", "2", "None"])
def test_the_box_is_ticked_or_not(api: Api, value: str) -> None:
    visitor = Visitor(api)
    fields = {"email": "ada@example.com", "password": PASSWORD, "remember": value}
    page(visitor.send("/login", **fields), "Unprocessable Content", 422)


def test_a_short_password_makes_no_account(api: Api) -> None:
    answer = Visitor(api).send("/signup", email="ada@example.com", password="1234567")
    assert "<li>password: " in page(answer, "Unprocessable Content", 422)


@pytest.mark.core
@pytest.mark.parametrize("query", ["", "?next=/account", "?next=%2Faccount%3Fa%3Db", "?a=1&b=%20"])
def test_after_a_wrong_password_the_form_is_shown_again(api: Api, query: str) -> None:
    visitor = Visitor(api)
    fields = {"csrf_token": visitor.token(), "email": sign_up(api), "password": "wrong"}
    path = f"/login{query}"
    redirect(visitor.post(path, data=fields), path)
    text = page(visitor.get(path), "Log in")
    assert messages(text) == ["The email address or the password is wrong."]


def test_after_ten_wrong_passwords_the_page_says_so(api: Api) -> None:
    visitor, email = Visitor(api), sign_up(api)
    fields = {"csrf_token": visitor.token(), "email": email, "password": "wrong"}
    for _ in range(10):
        redirect(visitor.post("/login", data=fields), "/login")
    answer = visitor.post("/login", data={**fields, "password": PASSWORD})
    api.volatile("end of the window", answer.headers["X-RateLimit-Reset"])
    api.volatile("seconds left", answer.headers["Retry-After"])
    page(answer, "Too Many Requests", 429)
    redirect(visitor.get("/account"), "/login?next=/account")


def test_after_an_address_that_is_taken_the_form_is_shown_again(api: Api) -> None:
    visitor = Visitor(api)
    redirect(visitor.send("/signup", email=sign_up(api), password=PASSWORD), "/signup")
    text = page(visitor.get("/signup"), "Sign up")
    assert messages(text) == ["There is an account with this email address."]


def test_a_program_is_told_what_is_wrong_in_a_problem(api: Api) -> None:
    visitor, email = Visitor(api), sign_up(api)
    fields = {"csrf_token": visitor.token(), "email": email, "password": "wrong password"}
    headers = {"Accept": JSON}
    answer = visitor.post("/login", data=fields, headers=headers)
    expect.problem(answer, 403, type="/problems/wrong-credentials")
    answer = visitor.post("/signup", data=fields, headers=headers)
    expect.problem(answer, 409, type="/problems/email-taken")


# Where one goes from here


@pytest.mark.core
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/account",
        "/account?a=b&c=%20d",
        "/static/hello.txt",
        "/a/../b;c=d/~e,f:g@h(i)*'!$+",
        "/%2F%2Fa.test",
        "/?next=//a.test",
    ],
)
def test_a_login_leads_to_where_one_wanted_to_go(api: Api, target: str) -> None:
    visitor, email = Visitor(api), sign_up(api)
    fields = {"csrf_token": visitor.token(), "email": email, "password": PASSWORD}
    redirect(visitor.post("/login", params={"next": target}, data=fields), target)


@pytest.mark.core
@pytest.mark.parametrize(
    "target",
    [
        "",
        "account",
        "https://a.test/",
        "http:a.test",
        "//a.test",
        "///a.test",
        "/\\a.test",
        "\\\\a.test",
        "/\t/a.test",
        "/\r\nSet-Cookie: a=b",
        " //a.test",
        "/ a",
        "/a#b",
        "/é",
        "/%",
        "/%zz",
        "/a?",
        "/\x00",
        "javascript:alert(1)",
        "?next=/",
        "//a.test@127.0.0.1/",
    ],
)
def test_a_login_never_leads_to_another_host(api: Api, target: str) -> None:
    visitor, email = Visitor(api), sign_up(api)
    fields = {"csrf_token": visitor.token(), "email": email, "password": PASSWORD}
    redirect(visitor.post("/login", params={"next": target}, data=fields), "/account")


@pytest.mark.parametrize(
    ("target", "action"),
    [
        ("/account", "/login?next=/account"),
        ("/account?a=b&c=d", "/login?next=/account?a%3Db%26c%3Dd"),
        ('"><script>', "/login?next=%22%3E%3Cscript%3E"),
        ("//a.test", "/login?next=//a.test"),
        ("", "/login"),
    ],
)
def test_the_form_knows_where_one_wanted_to_go(api: Api, target: str, action: str) -> None:
    visitor = Visitor(api)
    visitor.token()
    answer = visitor.get("/login", params={"next": target})
    assert f'<form method="post" action="{action}">' in page(answer, "Log in")


def test_the_first_of_two_targets_counts(api: Api) -> None:
    visitor, email = Visitor(api), sign_up(api)
    fields = {"csrf_token": visitor.token(), "email": email, "password": PASSWORD}
    redirect(visitor.post("/login?next=/a&next=/b", data=fields), "/a")


@pytest.mark.core
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_is_not_logged_in_is_led_to_the_form(api: Api, method: str) -> None:
    answer = api.request(method, "/account", headers={"Accept": HTML})
    redirect(answer, "/login?next=/account")
    assert answer.headers["Vary"] == "Origin, Accept, Cookie"


def test_a_program_that_is_not_logged_in_is_refused(api: Api) -> None:
    answer = api.get("/account")
    expect.problem(answer, 401, type="/problems/login-needed")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="shop"'
    assert answer.headers["Vary"] == "Origin, Accept, Cookie"


# Errors


@pytest.mark.core
@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (HTML, True),
        ("text/html", True),
        ("TEXT/HTML", True),
        ("text/html;charset=utf-8", True),
        ("text/*", True),
        ("text/html, application/json;q=0.9", True),
        ("application/json;q=0.1, text/html;q=0.2", True),
        ("application/*;q=0.5, text/html", True),
        ("text/html;q=0.001", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/problem+json", False),
        ("text/html, application/json", False),
        ("text/html;q=0.9, */*", False),
        ("text/html;q=0", False),
        ("text/html;q=2", False),
        ("text/html;q=-1", False),
        ("text/html;q=nan", False),
        ("text/html;q=\u0661".encode().decode("latin-1"), False),
        ("text/html;q=", False),
        ("text/plain", False),
        ("text", False),
        (",;,=", False),
    ],
)
def test_an_error_is_a_page_for_browsers_and_a_problem_for_programs(
    api: Api, accept: str, is_page: bool
) -> None:
    answer = api.raw(wire.request("PUT", "/login", [("Accept", accept)]))
    assert answer.status_code == 405
    assert answer.headers["Vary"] == "Origin, Accept"
    kind = "text/html; charset=utf-8" if is_page else "application/problem+json"
    assert answer.headers["Content-Type"] == kind


def test_repeated_headers_are_one_list(api: Api) -> None:
    headers = [("Accept", "text/html"), ("Accept", "application/json")]
    expect.problem(api.raw(wire.request("PUT", "/login", headers)), 405)


@pytest.mark.parametrize("path", ["/account/x", "/account/", "/login/", "/signup/a/b", "/logout/x"])
def test_below_a_page_there_is_a_page_for_what_is_not_there(api: Api, path: str) -> None:
    page(api.get(path, headers={"Accept": HTML}), "Not Found", 404)
    expect.problem(api.get(path), 404)


@pytest.mark.parametrize(
    "path", ["/accounts", "/session", "/nothing", "/loginx", "/users/login", "/errors/unexpected"]
)
def test_elsewhere_an_error_is_a_problem_for_everybody(api: Api, path: str) -> None:
    answer = api.patch(path, headers={"Accept": HTML})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Accept" not in answer.headers["Vary"]


def test_an_error_page_has_no_body_for_head(api: Api) -> None:
    answer = api.head("/account/x", headers={"Accept": HTML})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert int(answer.headers["Content-Length"]) > 100


def test_a_query_that_is_not_utf_8_is_refused(api: Api) -> None:
    page(api.get("/login?next=%ff", headers={"Accept": HTML}), "Bad Request", 400)
