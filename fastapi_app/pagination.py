"""Pages of a list: what their query may say, and the headers that lead to other pages."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import ConfigDict, Field

from fastapi_app.fields import IntegerText
from fastapi_app.schemas import Schema
from shared.formats import LINE
from shared.pagination import LAST_PAGE, MOST_PER_PAGE, PER_PAGE, Page


class PageQuery(Schema):
    model_config = ConfigDict(extra="ignore")

    page: Annotated[int, Field(ge=1, le=LAST_PAGE), IntegerText] = 1
    per_page: Annotated[int, Field(ge=1, le=MOST_PER_PAGE), IntegerText] = PER_PAGE


class SearchQuery(PageQuery):
    q: Annotated[str | None, Field(max_length=100, pattern=LINE)] = None


class PageHeaders:
    """Writes the headers that lead from a page of this request to others."""

    def __init__(self, request: Request, response: Response) -> None:
        self.request, self.response = request, response

    def add(self, endpoint: str, query: PageQuery, page: Page[Any]) -> None:
        links = page.links(self.request.url_for(endpoint).path, dict(query))
        self.response.headers.update({"X-Total-Count": str(page.total), "Link": links})


PageDep = Annotated[PageHeaders, Depends(PageHeaders)]
