from typing import Any

import pytest

from contract_tests import expect
from contract_tests.client import Api

FIELDS = [
    "boolean", "integer", "number", "text", "enum", "decimal", "date", "time",
    "datetime", "duration", "uuid", "email", "url", "mapping",
]  # fmt: skip
NOTHING: dict[str, Any] = dict.fromkeys(FIELDS)
ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
INVALID: dict[str, Any] = {
    "boolean": [("type", [1, 0, "true", "", [], {}])],
    "integer": [("type", ["5", "5.0", 5.0, 1.5, True, [], {}, 1e30])],
    "number": [("type", ["1", True, [], {}]), ("maximum", [1000.1, 1001]), ("minimum", [-1e9])],
    "text": [("type", [1, True, [], {}])],
    "enum": [("enum", ["RED", "Red", "", "red ", 1, True, [], {}, ["red"]])],
    "decimal": [
        ("type", [1, 1.5, True, []]),
        ("format", ["", "1.", ".5", "1e3", "1e400", "NaN", "Infinity", "01", "+1", "1,5", " 1", "1_0", "--1", "1" * 13, "0." + "1" * 11, "\u0661", "1\n", "-"]),
    ],
    "date": [
        ("type", [20260131, True, [2026, 1, 31]]),
        ("format", ["", "20260131", "2026-1-31", "2026-02-29", "2026-W05-6", "31.01.2026", "2026-01-31T00:00:00Z", "2026-01-31 ", "0000-01-01", "10000-01-01", "\u0662026-01-31"]),
    ],
    "time": [
        ("type", [3600, True]),
        ("format", ["", "09:30", "9:30:00", "093000", "24:00:00", "09:60:00", "09:30:60", "09:30:00Z", "09:30:00+01:00", "09:30:00.1234567", "09:30:00,5"]),
    ],
    "datetime": [
        ("type", [1769851800, 1769851800.5, True]),
        ("format", ["", "2026-01-31", "2026-01-31T09:30:00", "2026-01-31 09:30:00Z", "2026-01-31T09:30Z", "2026-01-31t09:30:00z", "20260131T093000Z", "2026-01-31T09:30:00+0100", "2026-01-31T09:30:00+25:00", "2026-01-31T24:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "1769851800"]),
    ],
    "duration": [
        ("type", [90, 1.5, True]),
        ("format", ["", "P", "PT", "90", "1:30", "P1Y", "P1M", "P1W", "PT1.5S", "-PT1S", "P1DT", "PT1H2H", "pt1h", "P1H", "PT999999S"]),
    ],
    "uuid": [
        ("type", [1, True, []]),
        ("format", ["", "x", ID.replace("-", ""), ID[0] + "-" + ID.replace("-", "")[1:], f"{{{ID}}}", f"urn:uuid:{ID}", ID[:-1], ID + "0", ID.replace("3", "g"), ID + "\n"]),
    ],
    "email": [
        ("type", [1, True]),
        ("format", ["", "a", "a@", "@a.test", "a@b", "a@localhost", "a b@c.test", "a@b..test", ".a@b.test", "a.@b.test", "a..b@c.test", "a@-b.test", "é@a.test", "a@é.test", "a@a.test\n", "<a@a.test>", "A <a@a.test>", '"a b"@c.test', "a@[127.0.0.1]", "x" * 65 + "@a.test", "a@" + "b" * 64 + ".test", "a@" + "b." * 130 + "test"]),
    ],
    "url": [
        ("type", [1, True]),
        ("format", ["", "a.test", "//a.test", "http:/a.test", "http://", "ftp://a.test", "javascript:alert(1)", "mailto:a@b.test", "http://a", "http://a b.test", "http://a.test/é", "http://é.test", "http://a.test:port", "http://a.test:99999", "http://u:p@a.test", "http://a.test\n", " http://a.test", "http://a..test", "http://[::1", "http://a.test/[x]", "http://a.test/%zz", "http://a.test/#a#b", "http://a.test:80:80", f"http://{'a' * 64}.test", "http://a.test/" + "x" * 2000]),
    ],
    "mapping": [
        ("type", [1, "a", [], [["a", 1]], True]),
        ("maxProperties", [{str(n): n for n in range(11)}]),
    ],
}  # fmt: skip
VALID: dict[str, Any] = {
    "boolean": [(True, True), (False, False)],
    "integer": [(0, 0), (-5, -5), (2**63, 2**63), (-(10**40), -(10**40)), (10**4000, 10**4000)],
    "number": [(0.5, 0.5), (-0.25, -0.25), (5, 5.0), (1000, 1000.0), (0.001, 0.001), (123.456, 123.456), (1e-05, 1e-05), (1.5e-09, 1.5e-09), (-1e-07, -1e-07), (5e-324, 5e-324), (-0.0, -0.0)],
    "text": [("", ""), ("é你😀", "é你😀"), ("\x00\n", "\x00\n")],
    "enum": [("red", "red"), ("blue", "blue")],
    "decimal": [("0", "0"), ("-1.50", "-1.50"), ("1.10", "1.10"), ("999999999999.0123456789", "999999999999.0123456789"), ("0.0000000001", "0.0000000001"), ("-0", "-0")],
    "date": [("2026-01-31", "2026-01-31"), ("2024-02-29", "2024-02-29"), ("0001-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31")],
    "time": [("09:30:00", "09:30:00"), ("23:59:59.000001", "23:59:59.000001"), ("00:00:00", "00:00:00"), ("09:30:00.5", "09:30:00.500000")],
    "datetime": [("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"), ("2026-01-31T09:30:00+05:30", "2026-01-31T04:00:00Z"), ("2026-01-31T09:30:00.25-00:00", "2026-01-31T09:30:00.250000Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")],
    "duration": [("PT0S", "PT0S"), ("PT90S", "PT1M30S"), ("P1DT2H30M", "P1DT2H30M"), ("PT24H", "P1D"), ("P0D", "PT0S"), ("PT36H", "P1DT12H")],
    "uuid": [(ID, ID), (ID.upper(), ID)],
    "email": [("a@b.test", "a@b.test"), ("A.b+c_d-1@Sub.Example.TEST", "A.b+c_d-1@Sub.Example.TEST")],
    "url": [("http://a.test", "http://a.test"), ("HTTPS://A.test:8080/x?y=z#f", "HTTPS://A.test:8080/x?y=z#f"), ("http://localhost:5001", "http://localhost:5001"), ("http://LOCALHOST:0080?a", "http://LOCALHOST:0080?a"), ("http://127.0.0.1/%20", "http://127.0.0.1/%20")],
    "mapping": [({}, {}), ({"b": 1, "a": -2}, {"b": 1, "a": -2}), ({"": 0, "é": 1}, {"": 0, "é": 1}), ({"_sa_x": 1, "__a": 2}, {"_sa_x": 1, "__a": 2}), (dict.fromkeys("0123456789", 1), dict.fromkeys("0123456789", 1))],
}  # fmt: skip


@pytest.mark.core
def test_every_field_may_be_left_out(api: Api) -> None:
    expect.json(api.post("/field-types", json={}), NOTHING)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_may_be_null(api: Api, field: str) -> None:
    expect.json(api.post("/field-types", json={field: None}), NOTHING)


@pytest.mark.core
@pytest.mark.parametrize(
    ("field", "value", "answered"), [(f, v, a) for f, pairs in VALID.items() for v, a in pairs]
)
def test_a_valid_value_is_answered_in_one_form(
    api: Api, field: str, value: Any, answered: Any
) -> None:
    expect.json(api.post("/field-types", json={field: value}), {**NOTHING, field: answered})


@pytest.mark.parametrize(
    ("field", "code", "value"),
    [(f, code, v) for f, kinds in INVALID.items() for code, values in kinds for v in values],
)
def test_an_invalid_value_is_told_why(api: Api, field: str, code: str, value: Any) -> None:
    answer = api.post("/field-types", json={field: value})
    expect.problem(answer, 422, errors=[("body", field, code)])


@pytest.mark.parametrize("value", [None, "1", 1.5, True, [], {}])
def test_a_value_of_the_mapping_is_named_by_its_key(api: Api, value: Any) -> None:
    answer = api.post("/field-types", json={"mapping": {"good": 1, "bad.one": value}})
    expect.problem(answer, 422, errors=[("body", "mapping.bad\\u002eone", "type")])


@pytest.mark.parametrize("text", ["NaN", "1e400", "-1e400"])
def test_a_number_is_finite(api: Api, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/field-types", data=f'{{"number":{text}}}', headers=headers)
    if text == "NaN":
        expect.problem(answer, 400)
    else:
        expect.problem(answer, 422, errors=[("body", "number", "type")])


@pytest.mark.parametrize(("text", "status"), [("NaN", 400), ("1e400", 422), ("0.1", 422)])
def test_a_decimal_is_no_number(api: Api, text: str, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/field-types", data=f'{{"decimal":{text}}}', headers=headers)
    expect.problem(answer, status, errors=[("body", "decimal", "type")] if status == 422 else None)


def test_all_invalid_fields_stand_in_declared_order(api: Api) -> None:
    answer = api.post("/field-types", json={field: [None] for field in reversed(FIELDS)})
    codes = {"enum": "enum"}
    errors = [("body", field, codes.get(field, "type")) for field in FIELDS]
    expect.problem(answer, 422, errors=errors)


def test_an_object_that_is_too_large_is_not_looked_into(api: Api) -> None:
    answer = api.post("/field-types", json={"mapping": {str(n): "x" for n in range(11)}})
    expect.problem(answer, 422, errors=[("body", "mapping", "maxProperties")])


@pytest.mark.parametrize("number", [1e-7, 1e-5, 0.0001, 5e-324, -1e-10, 999.9999999999999])
def test_a_small_number_is_written_as_python_does(api: Api, number: float) -> None:
    expect.json(api.post("/field-types", json={"number": number}), {**NOTHING, "number": number})


@pytest.mark.parametrize("name", ["_schema", "_data", "__root__"])
def test_a_name_of_the_library_is_a_name(api: Api, name: str) -> None:
    answer = api.post("/field-types", json={name: 1, "mapping": {name: "x"}})
    errors = [("body", f"mapping.{name}", "type"), ("body", name, "additionalProperties")]
    expect.problem(answer, 422, errors=errors)
