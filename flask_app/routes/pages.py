from typing import Any

from flask import Response, render_template, session, url_for

from flask_app.database import get_session
from flask_app.dependencies import current_user, login_required
from flask_app.fields import BooleanText, Email, Length, Text
from flask_app.forms import check_form
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.sessions import start
from flask_app.templates import back_to_form, redirect, to_login
from shared import accounts, drafts
from shared.accounts import EmailTaken, LoginNeeded, WrongCredentials
from shared.pages import local
from shared.passwords import LONGEST, SHORTEST

bp = Blueprint("pages", __name__, documented=False)
bp.before_request(check_form)
bp.register_error_handler(LoginNeeded, to_login)
bp.register_error_handler(EmailTaken, back_to_form)
bp.register_error_handler(WrongCredentials, back_to_form)


class Target(Schema):
    next = Text(load_default="")


class OwnForm(Schema):
    csrf_token = Text(required=True)


class SignupForm(OwnForm):
    email = Email(required=True)
    password = Text(required=True, validate=Length(min=SHORTEST, max=LONGEST))


class LoginForm(OwnForm):
    email = Email(required=True)
    password = Text(required=True, validate=Length(max=LONGEST))
    remember = BooleanText(load_default=False)


@bp.get("/signup")
def show_signup() -> str:
    return render_template("signup.html")


@bp.post("/signup")
@bp.arguments(SignupForm, location="form")
def sign_up(form: dict[str, Any]) -> Response:
    accounts.sign_up(get_session(), form["email"], form["password"])
    return redirect(url_for("pages.show_login"), "Your account is ready. Please log in.")


@bp.get("/login")
@bp.arguments(Target, location="query", as_kwargs=True)
def show_login(next: str) -> str:
    return render_template("login.html", next=next)


@bp.post("/login")
@bp.arguments(Target, location="query", as_kwargs=True)
@bp.arguments(LoginForm, location="form")
def log_in(form: dict[str, Any], next: str) -> Response:
    login = accounts.log_in(get_session(), form["email"], form["password"], session.get("login"))
    start(login, remember=form["remember"])
    return redirect(local(next, url_for("pages.show_account")), "You are logged in.")


@bp.post("/logout")
@bp.arguments(OwnForm, location="form")
def log_out(form: dict[str, Any]) -> Response:
    accounts.log_out(get_session(), session.get("login"))
    session.clear()
    return redirect(url_for("pages.show_login"), "You are logged out.")


@bp.get("/account")
@login_required
def show_account() -> str:
    draft = drafts.find(session.get("draft"))
    return render_template("account.html", user=current_user(), draft=draft)
