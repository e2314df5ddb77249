"""What servers write before they load an app, and those of their processes that never do."""

import logging
import os

from shared import logs
from shared.settings import Settings


def formatter() -> logging.Formatter:
    """The form that the lines of the apps have, by `LOG_FORMAT` in the environment."""
    return logs.formatter(os.environ.get("LOG_FORMAT", Settings.log_format))
