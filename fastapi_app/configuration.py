"""The settings, where handlers find them."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from shared.settings import Settings


def install(app: FastAPI, settings: Settings) -> None:
    app.state.settings = settings


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]
