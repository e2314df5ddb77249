"""The log: a line for each record, in JSON unless a person reads it."""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from shared import request_log
from shared.settings import Settings

Event = MutableMapping[str, Any]
# Servers give these handlers of their own, and a level.
SERVERS = ("uvicorn", "uvicorn.error", "gunicorn.error")


def configure(settings: Settings) -> None:
    """Let all loggers of this process write to standard error, each record in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.log_format))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    logging.captureWarnings(True)
    for name in SERVERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate, logger.level = True, logging.NOTSET
    # Flask's development server has a line for each request too, and so has the HTTP client.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def formatter(log_format: str) -> logging.Formatter:
    """Makes lines of `json`, lines of `text` for people, or what suits with `auto`."""
    terminal = sys.stderr.isatty()
    if log_format == "text" or (log_format == "auto" and terminal):
        # Values are written as Python writes them: no client's bytes reach the terminal raw.
        readable = ConsoleRenderer(
            colors=terminal, repr_native_str=True, exception_formatter=plain_traceback
        )
        return ProcessorFormatter(processors=[in_order, readable], foreign_pre_chain=[ExtraAdder()])
    lines = (in_order, format_exc_info, JSONRenderer())
    return ProcessorFormatter(processors=lines, foreign_pre_chain=[ExtraAdder()])


def in_order(logger: logging.Logger, name: str, event: Event) -> Event:
    """The members of a line in their order; within a request with its id, and who asks."""
    record: logging.LogRecord = event.pop("_record")
    line: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat("T", "milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event.pop("event"),
    }
    if request := request_log.find():
        line |= {"request_id": request.request_id, "user": request.user}
    unwanted = {"_from_structlog", "color_message"}
    line |= {key: value for key, value in event.items() if key not in unwanted}
    return line


def report(event: str, error: BaseException) -> None:
    """Write an exception with its traceback. An answer shows nothing of it but the request's id."""
    logging.getLogger("errors").error(event, exc_info=error)
