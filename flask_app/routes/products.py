from typing import Any

from flask import Response, url_for

from flask_app.database import get_session
from flask_app.fields import Enum, Integer, List, Money, Name, Pattern, Range, Text
from flask_app.openapi import Blueprint
from flask_app.pagination import SearchQuery, page_headers
from flask_app.parsing import conditional, max_body_size, require_match
from flask_app.routes.file_upload import OneFile
from flask_app.schemas import Row, Schema
from shared import product_import, products
from shared.products import MOST_CATEGORIES, MOST_STOCK, SKU, SLUG, Search, Sort

bp = Blueprint("products", __name__)


class Category(Schema):
    slug = Text(required=True, validate=Pattern(SLUG))
    name = Name(required=True)


class NewProduct(Schema):
    sku = Text(required=True, validate=Pattern(SKU))
    name = Name(required=True)
    price = Money(required=True)
    stock = Integer(required=True, validate=Range(min=0, max=MOST_STOCK))
    categories = List(Text(validate=Pattern(SLUG)), max=MOST_CATEGORIES, required=True)


class Product(NewProduct, Row):
    pass


class ProductQuery(SearchQuery):
    category = Text(load_default=None, validate=Pattern(SLUG))
    sort = Enum(Sort, load_default=Sort.NAME)


@bp.get("/products")
@bp.arguments(ProductQuery, location="query")
@bp.response(200, Product(many=True))
def list_products(query: dict[str, Any]) -> Any:
    page = products.search(get_session(), Search(**query))
    return page.rows, page_headers(".list_products", query, page)


@bp.post("/products")
@bp.arguments(NewProduct)
@bp.response(201, Product)
def create_product(values: dict[str, Any]) -> Any:
    product = products.create(get_session(), values)
    location = url_for(".show_product", product_id=product.id)
    return product, {"Location": location, "ETag": f'"{product.tag}"'}


@bp.get("/products/<id:product_id>")
@bp.response(200, Product)
def show_product(product_id: int) -> Response:
    product = products.find(get_session(), product_id)
    return conditional(Product().dump(product), product.tag)


@bp.put("/products/<id:product_id>")
@bp.arguments(NewProduct)
@bp.response(200, Product)
def replace_product(values: dict[str, Any], product_id: int) -> Any:
    product = products.replace(get_session(), product_id, values, require_match)
    return product, {"ETag": f'"{product.tag}"'}


@bp.post("/products/import")
@bp.arguments(OneFile, location="files")
@bp.response(204)
@max_body_size(product_import.LARGEST_FILE)
def import_products(form: dict[str, Any]) -> None:
    product_import.add_all(get_session(), form["file"].stream)


@bp.get("/categories")
@bp.response(200, Category(many=True))
def list_categories() -> Any:
    return products.all_categories(get_session())


@bp.post("/categories")
@bp.arguments(Category)
@bp.response(201, Category)
def create_category(values: dict[str, Any]) -> products.Category:
    return products.create_category(get_session(), values)
