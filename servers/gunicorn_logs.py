"""gunicorn's own lines, in the form of the apps': `--logger-class=servers.gunicorn_logs.Logger`."""

from typing import Any

from gunicorn import glogging

from servers import logs


class Logger(glogging.Logger):  # type: ignore[misc]  # gunicorn has no types
    """What the manager says; its workers' lines go through `shared.logs.configure`."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter())
