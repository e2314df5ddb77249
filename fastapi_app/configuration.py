"""The settings, where handlers find them."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig

from shared.settings import Settings

# Nobody reads it here, and asking at each request whether somebody does costs an eighth of a small
# answer. Who wants traces and metrics leaves this out.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


def install(app: FastAPI, settings: Settings) -> None:
    app.state.settings = settings


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]
