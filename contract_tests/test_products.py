import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contract_tests import expect, wire
from contract_tests.client import Api
from contract_tests.exchange import Answer

PRODUCTS = "/products"
IMPORT = "/products/import"
HEAD = "sku,name,price,stock"
LARGEST = 2**63 - 1
LARGEST_FILE = 16 * 1024 * 1024
MULTIPART = "multipart/form-data; boundary=B"


def marked(api: Api) -> str:
    """A word that stands in the data of this test alone; in SKUs in upper case."""
    word = "m" + secrets.token_hex(6)
    api.volatile("mark", word)
    api.volatile("MARK", word.upper())
    return word


def category(api: Api, mark: str, name: str) -> str:
    """A new category; its slug."""
    slug = f"{mark}-{name.lower()}"
    expect.json(
        api.post("/categories", json={"slug": slug, "name": name}),
        {"slug": slug, "name": name},
        status=201,
    )
    return slug


def wanted(mark: str, name: str, **values: Any) -> dict[str, Any]:
    product = {"sku": f"{mark}-{name}".upper(), "name": f"{name} {mark}", "price": "12.50"}
    return {**product, "stock": 3, "categories": [], **values}


def created(api: Api, mark: str, name: str, **values: Any) -> dict[str, Any]:
    answer = api.post(PRODUCTS, json=wanted(mark, name, **values))
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    api.volatile(f"id of {name}", product["id"])
    return product


def listed(api: Api, mark: str, **query: str) -> list[str]:
    """The names of a list, without the mark."""
    answer = api.get(PRODUCTS, params={"q": mark, **query})
    assert answer.status_code == 200, answer.text
    for product in answer.json():
        api.volatile(f"id of {product['sku'].partition('-')[2]}", product["id"])
    return [product["name"].removesuffix(f" {mark}") for product in answer.json()]


def sent(api: Api, content: str | bytes) -> Answer:
    data = content.encode() if isinstance(content, str) else content
    return api.post(IMPORT, files={"file": ("products.csv", data, "text/csv")}, timeout=60)


def faulty(answer: Answer, *faults: tuple[str, str]) -> None:
    """The file is refused for these (field, code)."""
    __tracebackhide__ = True
    expect.problem(answer, 422, errors=[("body", f"file.{field}", code) for field, code in faults])


@pytest.mark.core
def test_a_product_is_created_and_found_at_its_address(api: Api) -> None:
    mark = marked(api)
    slugs = [category(api, mark, name) for name in ("Toys", "Books")]
    new = wanted(mark, "Kite", categories=slugs)
    answer = api.post(PRODUCTS, json=new)
    product = {"id": answer.json()["id"], **new, "categories": sorted(slugs)}
    api.volatile("id", product["id"])
    expect.json(answer, product, status=201)
    assert answer.headers["Location"] == f"{PRODUCTS}/{product['id']}"
    found = api.get(answer.headers["Location"])
    expect.json(found, product)
    assert found.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.core
@pytest.mark.parametrize(
    ("price", "answered"),
    [
        ("0", "0.00"),
        ("0.01", "0.01"),
        ("0.1", "0.10"),
        ("12.5", "12.50"),
        ("1999", "1999.00"),
        ("9999999.99", "9999999.99"),
        ("1234567.89", "1234567.89"),
    ],
)
def test_a_price_has_two_places(api: Api, price: str, answered: str) -> None:
    product = created(api, marked(api), "Kite", price=price)
    assert product["price"] == answered
    expect.json(api.get(f"{PRODUCTS}/{product['id']}"), product)


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"sku": ...}, "sku", "required"),
    ({"sku": None}, "sku", "type"),
    ({"sku": 5}, "sku", "type"),
    ({"sku": ""}, "sku", "pattern"),
    ({"sku": "a-1"}, "sku", "pattern"),
    ({"sku": "-A"}, "sku", "pattern"),
    ({"sku": "A" * 31}, "sku", "pattern"),
    ({"sku": "A\x00"}, "sku", "pattern"),
    ({"sku": "A\n"}, "sku", "pattern"),
    ({"sku": "Ä"}, "sku", "pattern"),
    ({"name": ""}, "name", "minLength"),
    ({"name": "x" * 101}, "name", "maxLength"),
    ({"name": "a\x00"}, "name", "pattern"),
    ({"price": ...}, "price", "required"),
    ({"price": None}, "price", "type"),
    ({"price": 12.5}, "price", "type"),
    ({"price": 12}, "price", "type"),
    ({"price": True}, "price", "type"),
    ({"price": ""}, "price", "format"),
    ({"price": "1e400"}, "price", "format"),
    ({"price": "1E1"}, "price", "format"),
    ({"price": "12.505"}, "price", "format"),
    ({"price": "12."}, "price", "format"),
    ({"price": ".5"}, "price", "format"),
    ({"price": "-1"}, "price", "format"),
    ({"price": "-0"}, "price", "format"),
    ({"price": "+1"}, "price", "format"),
    ({"price": "012"}, "price", "format"),
    ({"price": "1,50"}, "price", "format"),
    ({"price": "1_0"}, "price", "format"),
    ({"price": " 1"}, "price", "format"),
    ({"price": "1\n"}, "price", "format"),
    ({"price": "\u0661"}, "price", "format"),
    ({"price": "NaN"}, "price", "format"),
    ({"price": "Infinity"}, "price", "format"),
    ({"price": "10000000"}, "price", "format"),
    ({"price": "9" * 5000}, "price", "format"),
    ({"stock": ...}, "stock", "required"),
    ({"stock": "3"}, "stock", "type"),
    ({"stock": 1.0}, "stock", "type"),
    ({"stock": True}, "stock", "type"),
    ({"stock": -1}, "stock", "minimum"),
    ({"stock": 1_000_001}, "stock", "maximum"),
    ({"stock": 2**63}, "stock", "maximum"),
    ({"categories": ...}, "categories", "required"),
    ({"categories": None}, "categories", "type"),
    ({"categories": "books"}, "categories", "type"),
    ({"categories": ["a"] * 11}, "categories", "maxItems"),
    ({"categories": ["a", 5]}, "categories.1", "type"),
    ({"categories": ["A"]}, "categories.0", "pattern"),
    ({"categories": [""]}, "categories.0", "pattern"),
    ({"categories": ["a\x00"]}, "categories.0", "pattern"),
    ({"categories": ["nobody-sells-this"]}, "categories.0", "unknownCategory"),
    ({"id": 1}, "id", "additionalProperties"),
    ({"version": 1}, "version", "additionalProperties"),
]


@pytest.mark.core
@pytest.mark.parametrize(("change", "field", "code"), FAULTS)
def test_what_a_product_cannot_be_is_refused(
    api: Api, change: dict[str, Any], field: str, code: str
) -> None:
    changed = {**wanted("M", "NONE"), **change}
    document = {name: value for name, value in changed.items() if value is not ...}
    answer = api.post(PRODUCTS, json=document)
    expect.problem(answer, 422, errors=[("body", field, code)])


@pytest.mark.core
def test_a_sku_belongs_to_one_product(api: Api) -> None:
    mark = marked(api)
    kite, yoyo = created(api, mark, "Kite"), created(api, mark, "Yoyo")
    taken = wanted(mark, "Ball", sku=kite["sku"])
    for answer in (api.post(PRODUCTS, json=taken), api.put(f"{PRODUCTS}/{yoyo['id']}", json=taken)):
        expect.problem(answer, 409, type="/problems/sku-taken")
    expect.json(api.get(f"{PRODUCTS}/{yoyo['id']}"), yoyo)


@pytest.mark.parametrize("number", ["0", "-1", "x", str(LARGEST), str(2**63), "9" * 400])
def test_an_unknown_number_is_not_found(api: Api, number: str) -> None:
    expect.problem(api.get(f"{PRODUCTS}/{number}"), 404)
    expect.problem(api.put(f"{PRODUCTS}/{number}", json=wanted("M", "NONE")), 404)


def test_other_methods_are_refused(api: Api) -> None:
    for path, methods in (
        (PRODUCTS, ["GET", "HEAD", "OPTIONS", "POST"]),
        (f"{PRODUCTS}/1", ["GET", "HEAD", "OPTIONS", "PUT"]),
        (IMPORT, ["OPTIONS", "POST"]),
        ("/categories", ["GET", "HEAD", "OPTIONS", "POST"]),
    ):
        answer = api.delete(path)
        expect.problem(answer, 405)
        expect.allow(answer, methods)


def test_categories_are_listed_in_alphabetical_order(api: Api) -> None:
    mark = marked(api)
    slugs = [category(api, mark, name) for name in ("Toys", "Books")]
    answer = api.get("/categories", uncompared="what other tests have left is listed too")
    found = [entry["slug"] for entry in answer.json()]
    assert found == sorted(found)
    assert set(slugs) <= set(found)


def test_a_category_is_there_once(api: Api) -> None:
    slug = category(api, marked(api), "Toys")
    answer = api.post("/categories", json={"slug": slug, "name": "Other"})
    expect.problem(answer, 409, type="/problems/category-exists")


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        ({"name": "Toys"}, "slug", "required"),
        ({"slug": "toys"}, "name", "required"),
        ({"slug": "", "name": "Toys"}, "slug", "pattern"),
        ({"slug": "Toys", "name": "Toys"}, "slug", "pattern"),
        ({"slug": "a" * 51, "name": "Toys"}, "slug", "pattern"),
        ({"slug": "to ys", "name": "Toys"}, "slug", "pattern"),
        ({"slug": "toys\n", "name": "Toys"}, "slug", "pattern"),
        ({"slug": "toys", "name": "a\x00"}, "name", "pattern"),
        ({"slug": "toys", "name": ""}, "name", "minLength"),
        ({"slug": "toys", "name": "Toys", "id": 1}, "id", "additionalProperties"),
    ],
)
def test_what_a_category_cannot_be_is_refused(
    api: Api, document: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post("/categories", json=document)
    expect.problem(answer, 422, errors=[("body", field, code)])


ORDERS = {
    "name": ["Ball", "Kite", "Zither", "ball"],
    "-name": ["ball", "Zither", "Kite", "Ball"],
    "price": ["Zither", "ball", "Kite", "Ball"],
    "-price": ["Ball", "Zither", "ball", "Kite"],
    "sku": ["Kite", "Ball", "Zither", "ball"],
    "-sku": ["ball", "Zither", "Ball", "Kite"],
}


def four(api: Api) -> str:
    """Four products, three of them of the same price."""
    mark = marked(api)
    given = [("Zither", "9.90", 3), ("Ball", "10", 2), ("ball", "9.9", 4), ("Kite", "9.9", 1)]
    for name, price, number in given:
        created(api, mark, name, price=price, sku=f"{mark}-{number}".upper())
    return mark


@pytest.mark.core
@pytest.mark.parametrize("sort", ORDERS)
def test_a_list_is_sorted_by_code_point_and_by_amount(api: Api, sort: str) -> None:
    mark = four(api)
    assert listed(api, mark, sort=sort) == ORDERS[sort]


def test_links_lead_from_page_to_page(api: Api) -> None:
    mark = four(api)
    found: list[str] = []
    url: str | None = f"{PRODUCTS}?q={mark}&sort=-price&per_page=3"
    while url:
        answer = api.get(url)
        assert answer.headers["X-Total-Count"] == "4"
        found += [product["name"].removesuffix(f" {mark}") for product in answer.json()]
        found_links = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"])
        links = {relation: to for to, relation in found_links}
        assert parse_qs(urlsplit(links["last"]).query)["page"] == ["2"]
        url = links.get("next")
    assert found == ORDERS["-price"]


@pytest.mark.core
def test_a_product_is_found_in_each_of_its_categories(api: Api) -> None:
    mark = marked(api)
    toys, books = category(api, mark, "Toys"), category(api, mark, "Books")
    created(api, mark, "Kite", categories=[toys])
    created(api, mark, "Atlas", categories=[books, toys, toys])
    created(api, mark, "Lamp")
    assert listed(api, mark, category=toys) == ["Atlas", "Kite"]
    assert listed(api, mark, category=books) == ["Atlas"]
    assert listed(api, mark, category="nobody-sells-this") == []
    assert listed(api, mark) == ["Atlas", "Kite", "Lamp"]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        (f"page={2**63}", "page", "maximum"),
        ("per_page=101", "per_page", "maximum"),
        ("q=%00", "q", "pattern"),
        ("category=", "category", "pattern"),
        ("category=%00", "category", "pattern"),
        ("category=Toys", "category", "pattern"),
        ("sort=stock", "sort", "enum"),
    ],
)
def test_what_a_list_cannot_do_is_refused(api: Api, query: str, field: str, code: str) -> None:
    answer = api.get(f"{PRODUCTS}?{query}")
    expect.problem(answer, 422, errors=[("query", field, code)])


@pytest.mark.core
def test_what_a_cache_has_already_is_not_sent_again(api: Api) -> None:
    path = f"{PRODUCTS}/{created(api, marked(api), 'Kite')['id']}"
    tag = api.get(path).headers["ETag"]
    assert re.fullmatch('"[^"]+"', tag)
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = api.get(path, headers={"If-None-Match": header})
        expect.empty(answer, 304)
        assert answer.headers["ETag"] == tag
    for header in ('"x"', "", "x"):
        assert api.get(path, headers={"If-None-Match": header}).status_code == 200
    expect.problem(api.get(path, headers={"If-Match": '"x"'}), 412)


@pytest.mark.core
def test_a_change_has_another_tag(api: Api) -> None:
    mark = marked(api)
    path = f"{PRODUCTS}/{created(api, mark, 'Kite')['id']}"
    tags = [api.get(path).headers["ETag"]]
    slug = category(api, mark, "Toys")
    changes = {"stock": 2}, {"price": "1"}, {"categories": [slug]}, {"categories": list[str]()}
    for change in changes:
        answer = api.put(path, json=wanted(mark, "Kite", **change))
        assert answer.headers["ETag"] == api.get(path).headers["ETag"]
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 5
    assert api.get(path, headers={"If-None-Match": ", ".join(tags[:4])}).status_code == 200


@pytest.mark.core
def test_who_has_seen_another_version_changes_nothing(api: Api) -> None:
    mark = marked(api)
    kite = created(api, mark, "Kite")
    path = f"{PRODUCTS}/{kite['id']}"
    tag = api.get(path).headers["ETag"]
    new = wanted(mark, "Kite", stock=7)
    for header in ('"x"', f"W/{tag}", ""):
        expect.problem(api.put(path, json=new, headers={"If-Match": header}), 412)
    expect.json(api.get(path), kite)
    expect.json(api.put(path, json=new, headers={"If-Match": f'"x", {tag}'}), {**kite, "stock": 7})
    expect.problem(api.put(path, json=new, headers={"If-Match": tag}), 412)
    expect.json(api.put(path, json=new, headers={"If-Match": "*"}), {**kite, "stock": 7})


def test_invalid_comes_before_another_version(api: Api) -> None:
    path = f"{PRODUCTS}/{created(api, marked(api), 'Kite')['id']}"
    answer = api.put(path, json={**wanted("M", "NONE"), "stock": -1}, headers={"If-Match": '"x"'})
    expect.problem(answer, 422, errors=[("body", "stock", "minimum")])


@pytest.mark.core
def test_a_file_becomes_products(api: Api) -> None:
    mark = marked(api)
    toys, books = category(api, mark, "Toys"), category(api, mark, "Books")
    lines = [
        "name,categories,stock,price,sku",
        f'"Kite, red {mark}",{toys} {books},3,12.5,{mark.upper()}-1',
        f'"The ""Atlas"" {mark}",{books},0,0,{mark.upper()}-2',
        f"凧 {mark},,1000000,9999999.99,{mark.upper()}-3",
    ]
    text = "\r\n".join(lines)
    expect.empty(sent(api, text), 204)
    found = api.get(PRODUCTS, params={"q": mark, "sort": "sku"}).json()
    for number, product in enumerate(found):
        api.volatile(f"id {number}", product["id"])
    assert [product["name"].removesuffix(f" {mark}") for product in found] == [
        "Kite, red",
        'The "Atlas"',
        "凧",
    ]
    assert [product["price"] for product in found] == ["12.50", "0.00", "9999999.99"]
    assert [product["stock"] for product in found] == [3, 0, 1_000_000]
    assert [product["categories"] for product in found] == [[books, toys], [books], []]
    assert listed(api, mark, category=toys) == ["Kite, red"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_a_file_may_come_from_any_system(api: Api, end: str, start: str, last: str) -> None:
    mark = marked(api)
    text = start + end.join([HEAD, "", f"{mark.upper()}-1,Kite {mark},1,1"]) + last
    expect.empty(sent(api, text), 204)
    assert listed(api, mark) == ["Kite"]


def test_a_file_may_have_no_lines(api: Api) -> None:
    expect.empty(sent(api, HEAD), 204)
    expect.empty(sent(api, HEAD + "\n\n\n"), 204)


def test_a_file_of_many_lines_is_taken_whole(api: Api) -> None:
    mark = marked(api)
    slug = category(api, mark, "Toys")
    rows = [f"{mark.upper()}-{n},{n} {mark},1,1,{slug if n % 2 else ''}" for n in range(1001)]
    expect.empty(sent(api, "\n".join([f"{HEAD},categories", *rows])), 204)
    query = {"q": mark, "category": slug, "per_page": "1"}
    total = api.get(PRODUCTS, params=query, uncompared="ids and SKUs of a thousand products")
    assert total.headers["X-Total-Count"] == "500"
    expect.problem(api.post(PRODUCTS, json=wanted(mark, "1000")), 409, type="/problems/sku-taken")


@pytest.mark.core
@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ("a,Kite,1,1", [("3.sku", "pattern")]),
        (",Kite,1,1", [("3.sku", "pattern")]),
        ("A\x00,Kite,1,1", [("3.sku", "pattern")]),
        ("B,,1,1", [("3.name", "minLength")]),
        ("B," + "x" * 101 + ",1,1", [("3.name", "maxLength")]),
        ("B,a\x00b,1,1", [("3.name", "pattern")]),
        ('B,"a\nb",1,1', [("3.name", "pattern")]),
        ("B,Kite,1e400,1", [("3.price", "format")]),
        ("B,Kite,12.505,1", [("3.price", "format")]),
        ("B,Kite,-1,1", [("3.price", "format")]),
        ("B,Kite, 1,1", [("3.price", "format")]),
        ('B,Kite,"1,50",1', [("3.price", "format")]),
        ("B,Kite,1,", [("3.stock", "type")]),
        ("B,Kite,1,one", [("3.stock", "type")]),
        ("B,Kite,1,1.0", [("3.stock", "type")]),
        ("B,Kite,1,-1", [("3.stock", "minimum")]),
        ("B,Kite,1,1000001", [("3.stock", "maximum")]),
        (f"B,Kite,1,{2**63}", [("3.stock", "maximum")]),
        ("B,Kite,1," + "9" * 5000, [("3.stock", "type")]),
        ("b,Kite,x,y", [("3.sku", "pattern"), ("3.price", "format"), ("3.stock", "type")]),
        ("B,Kite,1", [("3", "columns")]),
        ("B,Kite,1,1,", [("3", "columns")]),
        ("B", [("3", "columns")]),
        (" ", [("3", "columns")]),
        ('B,"Kite,1,1', [("3", "quoting")]),
        ('B,"Kite"s,1,1', [("3", "quoting")]),
        ("B," + "x" * 200_000 + ",1,1", [("3", "quoting")]),
        (b"B,\xff,1,1", [("3.name", "format")]),
        (b"\xff,Kite,1,1", [("3.sku", "format")]),
        ("B,K\xefte,1,1".encode("latin-1"), [("3.name", "format")]),
    ],
)
def test_one_bad_line_refuses_the_whole_file(
    api: Api, row: str | bytes, faults: list[tuple[str, str]]
) -> None:
    mark = marked(api)
    line = row.encode() if isinstance(row, str) else row
    good = f"{mark.upper()}-1,Kite {mark},1,1"
    faulty(sent(api, b"\n".join([HEAD.encode(), good.encode(), line, b""])), *faults)
    assert listed(api, mark) == []


def test_a_line_keeps_its_number_behind_blank_and_broken_ones(api: Api) -> None:
    mark = marked(api).upper()
    rows = [HEAD, "", f'{mark}-1,"a\nb",1,1', "", f"{mark}-2,Kite,x,1", f"{mark}-2,Kite,1,1"]
    faulty(
        sent(api, "\r\n".join(rows)),
        ("3.name", "pattern"),
        ("6.price", "format"),
        ("7.sku", "skuRepeated"),
    )


@pytest.mark.core
def test_a_sku_may_neither_be_repeated_nor_taken(api: Api) -> None:
    mark = marked(api)
    kite = created(api, mark, "Kite")
    rows = [HEAD, f"{mark.upper()}-1,a,1,1", f"{kite['sku']},b,1,1", f"{mark.upper()}-1,c,1,1"]
    faulty(sent(api, "\n".join(rows)), ("3.sku", "skuTaken"), ("4.sku", "skuRepeated"))
    expect.json(api.get(f"{PRODUCTS}/{kite['id']}"), kite)
    assert listed(api, mark) == ["Kite"]


@pytest.mark.parametrize(
    ("categories", "code"),
    [
        ("nobody-sells-this", "unknownCategory"),
        ("Toys", "unknownCategory"),
        (" ".join(f"a{n}" for n in range(11)), "maxItems"),
    ],
)
def test_a_category_must_be_there(api: Api, categories: str, code: str) -> None:
    mark = marked(api)
    text = f"{HEAD},categories\n{mark.upper()}-1,Kite {mark},1,1,{categories}\n"
    faulty(sent(api, text), ("2.categories", code))
    assert listed(api, mark) == []


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        ("", [(name, "required") for name in ("sku", "name", "price", "stock")]),
        ("\n\n", [(name, "required") for name in ("sku", "name", "price", "stock")]),
        ("sku,name,price", [("stock", "required")]),
        ("sku,name,price,stock,colour", [("colour", "additionalProperties")]),
        ("sku,name,price,stock,", [("", "additionalProperties")]),
        ("sku,name,price,stock,stock", [("stock", "columnRepeated")]),
        ("SKU,name,price,stock", [("sku", "required"), ("SKU", "additionalProperties")]),
        ("sku, name,price,stock", [("name", "required"), ("\\u0020name", "additionalProperties")]),
        (
            "sku;name;price;stock",
            [(name, "required") for name in ("sku", "name", "price", "stock")]
            + [("sku\\u003bname\\u003bprice\\u003bstock", "additionalProperties")],
        ),
        ("sku,name,price,stock,a\x00b", [("a\\u0000b", "additionalProperties")]),
        ("sku,name,price,stock," + "x" * 100, [("x" * 64, "additionalProperties")]),
    ],
)
def test_the_first_line_names_the_columns(
    api: Api, head: str, faults: list[tuple[str, str]]
) -> None:
    found = [(f"1.{name}" if name else "1", code) for name, code in faults]
    faulty(sent(api, head), *found)


def test_what_is_no_text_is_no_csv(api: Api) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10
    assert sent(api, picture).status_code == 422
    assert sent(api, f"{HEAD}\nA,Kite,1,1".encode("utf-16")).status_code == 422


def test_the_first_hundred_faults_are_told(api: Api) -> None:
    answer = sent(api, "\n".join([HEAD, *["a,Kite,1,1"] * 150]))
    faulty(answer, *((f"{line}.sku", "pattern") for line in range(2, 102)))


@pytest.mark.core
def test_one_bad_line_in_ten_megabytes_is_found(api: Api) -> None:
    mark = marked(api)
    name = "😀" * 85
    rows = [f"{mark.upper()}-{n},{name} {mark},1,1" for n in range(28_000)]
    rows[26_999] += ",1"
    text = "\n".join([HEAD, *rows]).encode()
    assert len(text) > 10_000_000
    faulty(sent(api, text), ("27001", "columns"))
    assert listed(api, mark) == []


def test_a_file_has_at_most_fifty_thousand_lines(api: Api) -> None:
    mark = marked(api).upper()
    rows = "\n".join([HEAD, *(f"{mark}-{n},a,1,1" for n in range(50_001))])
    faulty(sent(api, rows), ("50002", "maxItems"))


@pytest.mark.core
def test_a_file_may_be_larger_than_other_bodies_but_not_endless(api: Api) -> None:
    headers = [("Content-Type", MULTIPART), ("Content-Length", str(LARGEST_FILE + 1))]
    expect.problem(api.raw(wire.request("POST", IMPORT, headers)), 413)
    chunks = [b"x" * 1024 * 1024] * 17
    expect.problem(api.raw(wire.chunked(IMPORT, MULTIPART, chunks)), 413)
    headers = [("Content-Type", MULTIPART), ("Content-Length", str(3 * 1024 * 1024))]
    expect.problem(api.raw(wire.request("POST", "/upload", headers)), 413)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (HEAD.encode(), "text/csv", 415),
        (b"{}", "application/json", 415),
        (b"nonsense", MULTIPART, 400),
        (b"--B\r\nContent-Disposition: form-data\r\n\r\n\r\n--B--\r\n", MULTIPART, 400),
    ],
)
def test_a_file_comes_in_a_form(api: Api, body: bytes, kind: str, status: int) -> None:
    expect.problem(api.post(IMPORT, data=body, headers={"Content-Type": kind}), status)


def test_the_form_has_one_file_and_nothing_else(api: Api) -> None:
    for form, errors in (
        ({"file": (None, HEAD)}, [("body", "file", "type")]),
        ({"other": ("a.csv", HEAD)}, [("file", "required"), ("other", "additionalProperties")]),
        ({"file": ("a.csv", HEAD), "name": (None, "x")}, [("name", "additionalProperties")]),
    ):
        found = [error if len(error) == 3 else ("body", *error) for error in errors]
        expect.problem(api.post(IMPORT, files=form), 422, errors=found)
