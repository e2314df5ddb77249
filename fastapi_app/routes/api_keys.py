from typing import Annotated

from fastapi import APIRouter, Response, Security
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import current_user
from fastapi_app.fields import DateTime, Id
from fastapi_app.schemas import Schema
from fastapi_app.security import ApiKeyDep
from shared import api_keys
from shared.accounts import User
from shared.api_keys import LONGEST_WINDOW, MOST_REQUESTS
from shared.formats import LINE

router = APIRouter(prefix="/api-keys", tags=["api_keys"], route_class=FlaskRoute)

KeyOwner = Annotated[User, Security(current_user, scopes=["api-keys"])]


class NewKey(Schema):
    name: Annotated[str, Field(min_length=1, max_length=50, pattern=LINE)]
    limit: Annotated[int, Field(ge=1, le=MOST_REQUESTS)] = 60
    window: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] = 60


class CreatedKey(Schema):
    id: int
    name: str
    key: str
    limit: int
    window: int


class ShownKey(Schema):
    id: int
    name: str
    prefix: str
    limit: int
    window: int
    created_at: DateTime
    last_used_at: DateTime | None


@router.get("")
def list_keys(session: SessionDep, user: KeyOwner) -> list[ShownKey]:
    return [ShownKey.model_validate(key) for key in api_keys.of_user(session, user)]


@router.post("", status_code=201)
def create_key(
    response: Response, session: SessionDep, user: KeyOwner, values: NewKey
) -> CreatedKey:
    key = api_keys.make(session, user, **values.model_dump())
    response.headers["Cache-Control"] = "no-store"
    return CreatedKey.model_validate(key)


@router.delete("/{key_id:id}", status_code=204)
def revoke_key(session: SessionDep, user: KeyOwner, key_id: Id) -> Response:
    api_keys.revoke(session, user, key_id)
    return Response(status_code=204)


@router.get("/current")
async def show_current_key(key: ApiKeyDep) -> ShownKey:
    return ShownKey.model_validate(key)
