"""Where the libraries' own words go: into a file of the home, never between a person and their video."""

from __future__ import annotations

import logging
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

_LOGGERS = [logging.getLogger(name) for name in ("temporalio", "psycopg")]
_MOST_BYTES = 4 * 2**20


class _LogFile(RotatingFileHandler):
    """A log that cannot be written, because the disk is full, is no news either."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say nothing: whoever needs the disk will say so."""


def log_to(folder: Path) -> None:
    """Let what Temporal and Postgres have to say in this process go to `worker.log` in `folder`."""
    if any(isinstance(handler, _LogFile) for handler in _LOGGERS[0].handlers):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _LogFile(folder / "worker.log", maxBytes=_MOST_BYTES, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    for logger in _LOGGERS:
        logger.addHandler(handler)
        logger.propagate = False


@cache
def logging_runtime() -> Runtime:
    """Temporal's runtime, whose own words go through Python's logging."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    words = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=words, forwarding=forwarding)))
