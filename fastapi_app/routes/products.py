from typing import Annotated

from fastapi import APIRouter, File, Query, Request, Response
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.database import SessionDep
from fastapi_app.fields import Id, Money, Name, member
from fastapi_app.pagination import PageDep, SearchQuery
from fastapi_app.parsing import CheckDep, conditional, max_body_size
from fastapi_app.routes.file_upload import OneFile
from fastapi_app.schemas import Row, Schema
from shared import product_import, products
from shared.products import MOST_CATEGORIES, MOST_STOCK, SKU, SLUG, Search, Sort

router = APIRouter(tags=["products"], route_class=FlaskRoute)

Slug = Annotated[str, Field(pattern=SLUG)]


class Category(Schema):
    slug: Slug
    name: Name


class NewProduct(Schema):
    sku: Annotated[str, Field(pattern=SKU)]
    name: Name
    price: Money
    stock: Annotated[int, Field(ge=0, le=MOST_STOCK)]
    categories: Annotated[list[Slug], Field(max_length=MOST_CATEGORIES)]


class Product(NewProduct, Row):
    pass


class ProductQuery(SearchQuery):
    category: Slug | None = None
    sort: Annotated[Sort, member(Sort)] = Sort.NAME


@router.get("/products")
def list_products(
    session: SessionDep, query: Annotated[ProductQuery, Query()], headers: PageDep
) -> list[Product]:
    page = products.search(session, Search(**dict(query)))
    headers.add("list_products", query, page)
    return [Product.model_validate(row) for row in page.rows]


@router.post("/products", status_code=201)
def create_product(
    request: Request, response: Response, session: SessionDep, values: NewProduct
) -> Product:
    product = products.create(session, values.model_dump())
    location = request.url_for("show_product", product_id=product.id).path
    response.headers.update({"Location": location, "ETag": f'"{product.tag}"'})
    return Product.model_validate(product)


@router.get("/products/{product_id:id}", response_model=Product)
def show_product(request: Request, session: SessionDep, product_id: Id) -> Response:
    product = products.find(session, product_id)
    return conditional(request, Product.model_validate(product), product.tag)


@router.put("/products/{product_id:id}")
def replace_product(
    response: Response, session: SessionDep, product_id: Id, values: NewProduct, check: CheckDep
) -> Product:
    product = products.replace(session, product_id, values.model_dump(), check)
    response.headers["ETag"] = f'"{product.tag}"'
    return Product.model_validate(product)


@router.post("/products/import", status_code=204, response_class=Response)
@max_body_size(product_import.LARGEST_FILE)
def import_products(session: SessionDep, form: Annotated[OneFile, File()]) -> None:
    product_import.add_all(session, form.file.file)


@router.get("/categories")
def list_categories(session: SessionDep) -> list[Category]:
    return [Category.model_validate(row) for row in products.all_categories(session)]


@router.post("/categories", status_code=201)
def create_category(session: SessionDep, values: Category) -> Category:
    return Category.model_validate(products.create_category(session, values.model_dump()))
