"""Where Temporal's own words go: into a file of the home, never between a person and their video."""

from __future__ import annotations

import logging
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

_LOGGER = logging.getLogger("temporalio")
_MOST_BYTES = 4 * 2**20


def log_to(folder: Path) -> None:
    """Let this process's Temporal client and workers write to `worker.log` in `folder`."""
    if _LOGGER.handlers:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "worker.log", maxBytes=_MOST_BYTES, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    _LOGGER.addHandler(handler)
    _LOGGER.propagate = False


@cache
def logging_runtime() -> Runtime:
    """Temporal's runtime, whose own words go through Python's logging."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    words = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=words, forwarding=forwarding)))
