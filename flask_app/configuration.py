"""The settings, where handlers find them."""

from flask import Flask, current_app

from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings


def get_settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
