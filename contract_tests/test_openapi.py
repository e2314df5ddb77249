import re
from typing import Any

import pytest

from contract_tests import expect
from contract_tests.client import Api
from contract_tests.documents import differences, operations

OWN = "the documents have a comparison of their own"
# What generated clients name their types after.
NAMES = """
Account Address Category City CreatedKey Credentials Customer Default DescribedFacts
DescribedFile DocumentId Entry Fault FieldTypes FileFacts FilePath Filtered Found Greeting
Health KeptDraft Liveness Lowered Message Method NewAccount NewCustomer NewCustomerChanges
NewDraft NewKey NewOrder NewOrderLine NewProduct NewProfile NewState Note Offer OneFile
Optional Order OrderLine Owner Product Profile RatioAnswer Receipt ReportAnswer RequestSeen
Required Revocation ServiceProblem SeveralFiles Shared ShownKey ShownSettings SizeAnswer Throw
TokenRequest Tokens User UserId Visit
"""
SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
# The operations of the first target; those of every other are compared with them.
FIRST: dict[str, Any] = {}


def document(api: Api) -> Any:
    answer = api.get("/openapi.json", uncompared=OWN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


@pytest.mark.core
def test_the_document_describes_the_same_operations_everywhere(api: Api) -> None:
    found = operations(document(api))
    assert list(differences(FIRST.setdefault("operations", found), found)) == []


def test_the_document_says_what_it_is(api: Api) -> None:
    found = document(api)
    assert found["openapi"].startswith("3.1.")
    assert found["info"] == {"title": "Flask and FastAPI, one contract", "version": "1.0.0"}


def test_every_operation_has_its_own_name(api: Api) -> None:
    names = [operation["operationId"] for operation in operations(document(api)).values()]
    assert len(set(names)) == len(names) > 30


def test_options_tells_which_operations_an_address_has(api: Api) -> None:
    described = document(api)["paths"]
    for path in [path for path in described if "{" not in path]:
        methods = [method.upper() for method in described[path] if method != "parameters"]
        head = ["HEAD"] if "GET" in methods else []
        answer = api.options(path)
        expect.empty(answer, 200)
        expect.allow(answer, [*methods, *head, "OPTIONS"])


def test_every_operation_describes_a_problem(api: Api) -> None:
    for name, operation in operations(document(api)).items():
        for statuses in ("4XX", "5XX"):
            content = operation["responses"][statuses]["content"]
            assert list(content) == ["application/problem+json"], name


def test_what_goes_in_and_comes_out_has_a_name(api: Api) -> None:
    assert set(document(api)["components"]["schemas"]) >= set(NAMES.split())


def test_the_ways_to_say_who_one_is_are_described(api: Api) -> None:
    found = document(api)["components"]["securitySchemes"]
    oauth2 = found.pop("oauth2")
    assert found == SCHEMES
    assert oauth2["type"] == "oauth2"
    assert oauth2["flows"]["password"]["tokenUrl"] == "/tokens"
    assert set(oauth2["flows"]["password"]["scopes"]) == {
        *("profile", "orders:read", "orders:write", "api-keys")
    }


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("GET /users/{user_id}", "parameters/path user_id/schema/type", "integer"),
        ("GET /sizes/{size}", "parameters/path size/schema/enum", ["small", "medium", "large"]),
        ("GET /search/advanced", "parameters/query limit/schema/maximum", 100),
        ("GET /search/advanced", "parameters/query limit/schema/default", 10),
        ("GET /search/advanced", "parameters/query q/required", True),
        ("GET /search/advanced", "parameters/query tag/schema/maxItems", 5),
        ("GET /profile", "parameters/cookie name/required", False),
        ("GET /headers", "parameters/header x-note/schema/maxLength", 100),
        (
            "POST /users",
            "requestBody/content/application~json/schema/properties/rating/exclusiveMinimum",
            0,
        ),
        (
            "POST /field-types",
            "requestBody/content/application~json/schema/properties/decimal/type",
            "string",
        ),
        (
            "POST /field-types",
            "requestBody/content/application~json/schema/properties/url/maxLength",
            2000,
        ),
        ("POST /submit/default", "requestBody/required", False),
        (
            "POST /upload",
            "requestBody/content/multipart~form-data/schema/properties/file/contentMediaType",
            "application/octet-stream",
        ),
        (
            "POST /submit/default",
            "requestBody/content/application~x-www-form-urlencoded/schema/properties/city/default",
            "Paris",
        ),
    ],
)
def test_a_constraint_is_described(api: Api, operation: str, path: str, expected: Any) -> None:
    found = operations(document(api))[operation]
    for part in path.split("/"):
        found = found.get(part.replace("~", "/"), False)
    assert found == expected


@pytest.mark.core
@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_is_served_with_all_it_needs(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "/openapi.json" in answer.text
    assets = re.findall(r'(?:src|href)="(/[^"]+)"', answer.text)
    assert assets
    for asset in assets:
        assert api.head(asset).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_asks_no_other_host(api: Api, path: str) -> None:
    assert "//" not in api.get(path).text.replace("<!doctype html>", "")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("redoc.standalone.js", "text/javascript; charset=utf-8"),
    ],
)
def test_an_asset_has_its_media_type(api: Api, name: str, media_type: str) -> None:
    answer = api.head(f"/docs/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert int(answer.headers["Content-Length"]) > 100_000


@pytest.mark.parametrize(
    "name", ["nope.js", "..%2f__init__.py", "%2e%2e/__init__.py", "swagger-ui.css/", "a/b", "%00"]
)
def test_no_other_file_is_served(api: Api, name: str) -> None:
    expect.problem(api.get(f"/docs/assets/{name}"), 404)


@pytest.mark.parametrize(
    "path", ["/docs/oauth2-redirect", "/docs/", "/redoc/", "/openapi.yaml", "/swagger", "/api-docs"]
)
def test_there_is_no_other_page(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)
