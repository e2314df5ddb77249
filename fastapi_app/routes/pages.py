from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from compat.blueprints import BlueprintRoute
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import CurrentUser
from fastapi_app.fields import BooleanText, Email
from fastapi_app.forms import check_form
from fastapi_app.schemas import Schema
from fastapi_app.sessions import start
from fastapi_app.templates import PageDep, back_to_form, to_login
from shared import accounts, drafts
from shared.accounts import EmailTaken, LoginNeeded, WrongCredentials
from shared.pages import local
from shared.passwords import LONGEST, SHORTEST


class PageRoute(BlueprintRoute):
    errors = {LoginNeeded: to_login, EmailTaken: back_to_form, WrongCredentials: back_to_form}


router = APIRouter(
    tags=["pages"],
    route_class=PageRoute,
    dependencies=[Depends(check_form)],
    include_in_schema=False,
)

Target = Annotated[str, Query()]


class OwnForm(Schema):
    csrf_token: str


class SignupForm(OwnForm):
    email: Email
    password: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]


class LoginForm(OwnForm):
    email: Email
    password: Annotated[str, Field(max_length=LONGEST)]
    remember: Annotated[bool, BooleanText] = False


@router.get("/signup")
async def show_signup(page: PageDep) -> HTMLResponse:
    return page.render("signup.html")


@router.post("/signup")
def sign_up(
    page: PageDep, session: SessionDep, form: Annotated[SignupForm, Form()]
) -> RedirectResponse:
    accounts.sign_up(session, form.email, form.password)
    return page.redirect(page.url_for("pages.show_login"), "Your account is ready. Please log in.")


@router.get("/login")
async def show_login(page: PageDep, next: Target = "") -> HTMLResponse:
    return page.render("login.html", next=next)


@router.post("/login")
def log_in(
    page: PageDep, session: SessionDep, form: Annotated[LoginForm, Form()], next: Target = ""
) -> RedirectResponse:
    login = accounts.log_in(session, form.email, form.password, page.session.get("login"))
    start(page.session, login, remember=form.remember)
    return page.redirect(local(next, page.url_for("pages.show_account")), "You are logged in.")


@router.post("/logout")
def log_out(
    page: PageDep, session: SessionDep, form: Annotated[OwnForm, Form()]
) -> RedirectResponse:
    accounts.log_out(session, page.session.get("login"))
    page.session.clear()
    return page.redirect(page.url_for("pages.show_login"), "You are logged out.")


@router.get("/account")
async def show_account(page: PageDep, user: CurrentUser) -> HTMLResponse:
    draft = drafts.find(page.session.get("draft"))
    return page.render("account.html", user=user, draft=draft)
