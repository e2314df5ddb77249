"""The same JSON body, only parsed or validated too, in each framework: what validation costs."""

import json
from typing import Any

import flask
from fastapi import FastAPI
from fastapi import Request as FastAPIRequest
from flask import Flask
from marshmallow import Schema, fields, validate
from pydantic import BaseModel, Field
from webargs.flaskparser import FlaskParser

from benchmarks.calling import Request

LINES = [{"product_id": number, "quantity": 2} for number in range(1, 6)]
BODY = {"customer": "Ada Lovelace", "email": "ada@a.test", "lines": LINES}


def request(path: str) -> Request:
    body = json.dumps(BODY).encode()
    return Request("POST", f"/{path}", headers=(("content-type", "application/json"),), body=body)


class LineSchema(Schema):
    product_id = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100))


class OrderSchema(Schema):
    customer = fields.String(required=True, validate=validate.Length(max=100))
    email = fields.Email(required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)


class Line(BaseModel):
    product_id: int = Field(ge=1)
    quantity: int = Field(ge=1, le=100)


class Order(BaseModel):
    customer: str = Field(max_length=100)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$")
    lines: list[Line]


def flask_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    parser = FlaskParser()

    @app.post("/parsed")
    def parsed() -> Any:
        return {"lines": len(flask.request.get_json()["lines"])}

    @app.post("/validated")
    @parser.use_args(OrderSchema())
    def validated(order: dict[str, Any]) -> Any:
        return {"lines": len(order["lines"])}

    return app


def fastapi_app() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/parsed")
    async def parsed(request: FastAPIRequest) -> dict[str, int]:
        return {"lines": len((await request.json())["lines"])}

    @app.post("/validated")
    async def validated(order: Order) -> dict[str, int]:
        return {"lines": len(order.lines)}

    return app
