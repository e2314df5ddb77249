from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from compat.blueprints import BlueprintRoute
from fastapi_app.errors import problem_response
from fastapi_app.schemas import Schema
from shared import directory
from shared.directory import UnknownUser


class Entry(Schema):
    username: str
    team: str


def on_unknown_user(request: Request, error: UnknownUser) -> Response:
    return problem_response(404, "Ask the front desk: nobody here has that name.", type=error.type)


class DirectoryRoute(BlueprintRoute):
    errors = {UnknownUser: on_unknown_user}

    def before(self, request: Request) -> None:
        directory.check_team(request.headers.get("X-Team"))

    def after(self, response: Response) -> None:
        response.headers["X-Directory"] = "users"


router = APIRouter(prefix="/users/directory", tags=["users"], route_class=DirectoryRoute)


@router.get("")
async def list_people() -> list[Entry]:
    return [Entry(**person) for person in directory.people()]


@router.get("/{username}")
async def show_person(username: Annotated[str, Path(min_length=1)]) -> Entry:
    return Entry(**directory.person(username))
