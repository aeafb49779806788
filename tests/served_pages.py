"""A real `qs serve` for the tests of its pages, and the browser that looks at them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

QS = Path(sys.executable).with_name("qs")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDS_A_BROWSER = pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Chromium or Chrome")


@contextmanager
def served(home: Path) -> Iterator[str]:
    """A served page's address; its end is checked: in order, by SIGTERM."""
    command = [str(QS), "serve", "--port", "0"]
    environment = {**os.environ, "QS_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            assert address, "qs serve did not start"
            yield address
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def fits(page: Page) -> bool:
    """Whether nothing of the page lies beside the window."""
    return page.locator("html").evaluate("page => page.scrollWidth <= innerWidth") is True
