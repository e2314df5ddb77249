"""Pages of a list: what their query may say, and the headers that lead to other pages."""

from typing import Any

from flask import url_for

from flask_app.fields import IntegerText, Length, Pattern, Range, Text
from flask_app.schemas import Schema
from shared.formats import LINE
from shared.pagination import LAST_PAGE, MOST_PER_PAGE, PER_PAGE, Page


class PageQuery(Schema):
    page = IntegerText(load_default=1, validate=Range(min=1, max=LAST_PAGE))
    per_page = IntegerText(load_default=PER_PAGE, validate=Range(min=1, max=MOST_PER_PAGE))


class SearchQuery(PageQuery):
    q = Text(load_default=None, validate=[Length(max=100), Pattern(LINE)])


def page_headers(endpoint: str, query: dict[str, Any], page: Page[Any]) -> dict[str, str]:
    links = page.links(url_for(endpoint), query)
    return {"X-Total-Count": str(page.total), "Link": links}
