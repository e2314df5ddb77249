"""What went wrong in a browser, told by the page to the server's log."""

import logging
from enum import StrEnum

logger = logging.getLogger("browser")


class Level(StrEnum):
    WARNING = "warning"
    ERROR = "error"


def write(message: str, level: Level, page: str | None) -> None:
    """Write a line beside those of the server, with the same request id and user.

    What a client says is never the event itself, only a value beside it.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    logger.log(number, "fault in a browser", extra={"fault": message, "page": page})
