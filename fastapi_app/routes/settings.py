from fastapi import APIRouter

from compat.routing import FlaskRoute
from fastapi_app.configuration import SettingsDep
from fastapi_app.schemas import Schema

router = APIRouter(tags=["settings"], route_class=FlaskRoute)


class ShownSettings(Schema):
    environment: str
    cors_origins: list[str]
    credential_paths: list[str]
    max_body_size: int
    served_by: bool
    trusted_proxies: int
    log_level: str
    log_format: str


@router.get("/settings")
async def show_settings(settings: SettingsDep) -> ShownSettings:
    return ShownSettings.model_validate(settings.for_developers(), strict=False)
