"""Products from a CSV file: taken whole, or not at all.

The first line names the columns; `categories` holds slugs with blanks between, and may be left out.
A file is read twice, line by line: once to find its faults, which is most of the work and locks
nothing, and if there is none once more to store it in one transaction.
"""

import csv
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import TextIOWrapper
from itertools import islice
from typing import IO, Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import formats
from shared.database import folded, transaction
from shared.faults import MOST, Fault, error, fault
from shared.problems import Unprocessable
from shared.products import (
    MOST_CATEGORIES,
    MOST_STOCK,
    SKU,
    Category,
    Product,
    SkuTaken,
    product_categories,
)

LARGEST_FILE = 16 * 1024 * 1024  # bytes of the request
MOST_LINES = 50_000
BATCH = 500
REQUIRED = ("sku", "name", "price", "stock")


class Unreadable(Exception):
    """From this line on the file is no CSV."""

    def __init__(self, number: int) -> None:
        self.number = number


class Refused(Exception):
    """A cell is not what its column wants."""

    def __init__(self, code: str, **values: Any) -> None:
        self.fault = fault(code, **values)


@dataclass
class Line:
    """A line of the file: its number, its values, and what is wrong with which column.

    The column "" stands for the whole line.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)

    def errors(self) -> list[dict[str, str]]:
        """As a 422 tells them: `file.3.price` is the price in line 3."""
        return [
            error("body", ["file", self.number, *filter(None, [column])], found)
            for column, found in self.faults.items()
        ]


def add_all(session: Session, file: IO[bytes]) -> int:
    """Add the products of a file in UTF-8; how many they are.

    Raises Unprocessable with the first 100 faults, and SkuTaken if somebody else adds one of the
    products meanwhile.
    """
    category_ids = {slug: key for key, slug in session.execute(select(Category.id, Category.slug))}
    _check(session, file, category_ids)
    try:
        with transaction(session):
            return sum(_store(session, batch, category_ids) for batch in _batches(file))
    except IntegrityError:
        raise SkuTaken("A product of the file has been added meanwhile.") from None


def _check(session: Session, file: IO[bytes], categories: Container[str]) -> None:
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for batch in _batches(file):
        skus = [line.values["sku"] for line in batch if "sku" in line.values]
        taken = set(session.scalars(select(Product.sku).where(Product.sku.in_(skus))))
        for line in batch:
            _compare(line, seen, taken, categories)
            errors += line.errors()
        if len(errors) >= MOST:
            break
    if errors:
        raise Unprocessable(errors=errors[:MOST])


def _compare(line: Line, seen: set[str], taken: Container[str], categories: Container[str]) -> None:
    """Look for faults that a line does not have by itself."""
    sku = line.values.get("sku")
    if sku in seen or sku in taken:
        line.faults["sku"] = fault("skuRepeated" if sku in seen else "skuTaken")
    elif sku is not None:
        seen.add(sku)
    if any(slug not in categories for slug in line.values.get("categories", ())):
        line.faults["categories"] = fault("unknownCategory")


def _store(session: Session, batch: list[Line], category_ids: Mapping[str, int]) -> int:
    rows = [
        {**line.values, "folded_name": folded(line.values["name"]), "version": 1} for line in batch
    ]
    slugs = {row["sku"]: row.pop("categories", ()) for row in rows}
    stored = session.execute(insert(Product).returning(Product.id, Product.sku), rows)
    links = [
        {"product_id": key, "category_id": category_ids[slug]}
        for key, sku in stored
        for slug in slugs[sku]
    ]
    if links:
        session.execute(insert(product_categories), links)
    return len(rows)


def _batches(file: IO[bytes]) -> Iterator[list[Line]]:
    lines = _lines(file)
    while batch := list(islice(lines, BATCH)):
        yield batch


def _lines(file: IO[bytes]) -> Iterator[Line]:
    """The lines below the first one. The last is no line but a fault where reading cannot go on."""
    rows = _rows(file)
    try:
        names = next(rows, (1, []))[1]
        if faults := _faults_of_names(names):
            yield Line(1, {}, faults)
            return
        for count, (number, cells) in enumerate(rows):
            if count == MOST_LINES:
                yield Line(number, {}, {"": fault("maxItems", limit=MOST_LINES)})
                return
            yield _line(number, names, cells)
    except Unreadable as unreadable:
        yield Line(unreadable.number, {}, {"": fault("quoting")})


def _rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank, and the number of the line where it starts."""
    file.seek(0)
    # What is no UTF-8 becomes surrogates, so that it is found in its line.
    text = TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(text, strict=True)
    number = 1
    try:
        for cells in rows:
            if cells:
                yield number, cells
            number = rows.line_num + 1
    except csv.Error:
        raise Unreadable(number) from None
    finally:
        text.detach()


def _faults_of_names(names: Sequence[str]) -> dict[str, Fault]:
    missing = {name: fault("required") for name in REQUIRED if name not in names}
    repeated = {name: fault("columnRepeated") for name in names if names.count(name) > 1}
    unknown = {name: fault("additionalProperties") for name in names if name not in PARSERS}
    return {**missing, **repeated, **unknown}


def _line(number: int, names: Sequence[str], cells: Sequence[str]) -> Line:
    line = Line(number)
    if len(cells) != len(names):
        line.faults[""] = fault("columns")
        return line
    for name, cell in zip(names, cells, strict=True):
        try:
            line.values[name] = PARSERS[name](_utf8(cell))
        except Refused as refused:
            line.faults[name] = refused.fault
    return line


def _utf8(cell: str) -> str:
    if not cell.isascii():
        try:
            cell.encode()
        except UnicodeEncodeError:
            raise Refused("format", expected="text in UTF-8") from None
    return cell


def _sku(cell: str) -> str:
    if not re.fullmatch(SKU, cell):
        raise Refused("pattern", pattern=SKU)
    return cell


def _name(cell: str) -> str:
    if not cell:
        raise Refused("minLength", limit=1)
    if len(cell) > formats.LONGEST_NAME:
        raise Refused("maxLength", limit=formats.LONGEST_NAME)
    if not re.fullmatch(formats.LINE, cell):
        raise Refused("pattern", pattern=formats.LINE)
    return cell


def _price(cell: str) -> Decimal:
    try:
        return formats.parse_money(cell)
    except ValueError:
        raise Refused(formats.MONEY.code, expected=formats.MONEY.expected) from None


def _stock(cell: str) -> int:
    try:
        stock = formats.parse_integer(cell)
    except ValueError:
        raise Refused(formats.INTEGER.code, expected=formats.INTEGER.expected) from None
    if stock < 0:
        raise Refused("minimum", limit=0)
    if stock > MOST_STOCK:
        raise Refused("maximum", limit=MOST_STOCK)
    return stock


def _categories(cell: str) -> list[str]:
    slugs = sorted(set(cell.split()))
    if len(slugs) > MOST_CATEGORIES:
        raise Refused("maxItems", limit=MOST_CATEGORIES)
    return slugs


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "sku": _sku,
    "name": _name,
    "price": _price,
    "stock": _stock,
    "categories": _categories,
}
