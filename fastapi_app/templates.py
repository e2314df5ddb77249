"""Pages made from the templates that both apps share, and errors as pages for browsers."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.sessions import Session
from compat.templates import FlaskTemplates, flash
from fastapi_app.errors import on_domain_error
from fastapi_app.forms import csrf_token
from shared.json_text import parse
from shared.pages import TEMPLATES, is_page, local, prefers_html
from shared.problems import MEDIA_TYPE, DomainError


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    app.state.templates = FlaskTemplates(TEMPLATES, routers)


def layers() -> list[Middleware]:
    return [Middleware(ShowErrors)]


class Page:
    """What a handler makes its page with."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.session: Session = request.scope["session"]
        self.templates: FlaskTemplates = request.app.state.templates
        self.url_for = partial(self.templates.url_for, request)

    def render(self, name: str, **context: Any) -> HTMLResponse:
        token = partial(csrf_token, self.session)
        return HTMLResponse(self.templates.render(self.request, name, csrf_token=token, **context))

    def redirect(self, target: str, message: str | None = None) -> RedirectResponse:
        """Go on with a GET at `target`, where the message is shown."""
        if message is not None:
            flash(self.session, message)
        return RedirectResponse(target, 303)


async def get_page(request: Request) -> Page:
    return Page(request)


PageDep = Annotated[Page, Depends(get_page)]


def wants_page(request: Request) -> bool:
    return prefers_html(request.headers.get("accept", ""))


def to_login(request: Request, error: DomainError) -> Response:
    """An error handler: who is not logged in may do so, and comes back then."""
    if not wants_page(request):
        return on_domain_error(request, error)
    page = Page(request)
    return page.redirect(page.url_for("pages.show_login", next=request.scope["path"]))


def back_to_form(request: Request, error: DomainError) -> Response:
    """An error handler: the form is shown again, with what was wrong."""
    if not wants_page(request):
        return on_domain_error(request, error)
    here: str = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    return Page(request).redirect(local(f"{here}?{query}", here), str(error))


class ShowErrors:
    """At the address of a page, a problem is a page too, unless a program asks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_page(route_path(scope)):
            await self.app(scope, receive, send)
            return
        request, held = Request(scope), list[Message]()

        async def show(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Accept")
                if wants_page(request) and headers.get("content-type") == MEDIA_TYPE:
                    held.append(message)
                    return
            elif held:
                await error_page(request, held[0], message["body"])(scope, receive, send)
                return
            await send(message)

        await self.app(scope, receive, show)


def route_path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def error_page(request: Request, start: Message, problem: bytes) -> HTMLResponse:
    """The same answer with a page for a body."""
    page = Page(request).render("error.html", problem=parse(problem))
    page.status_code = start["status"]
    kept = Headers(scope=start).items()
    page.headers.update({k: v for k, v in kept if k not in {"content-length", "content-type"}})
    return page
