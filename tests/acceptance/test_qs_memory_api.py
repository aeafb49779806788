"""`qs serve` as a program uses it: a key from the command line opens the memory's API, and lies nowhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.left_behind import assert_nowhere

QS = Path(sys.executable).with_name("qs")
pytestmark = pytest.mark.slow


@contextmanager
def _served(home: Path) -> Iterator[str]:
    environment = {**os.environ, "QS_HOME": str(home)}
    command = [str(QS), "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def _ask(url: str, key: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers), timeout=60) as answer:
        return json.load(answer)


def test_a_key_opens_the_memory_of_its_tenant_until_it_is_revoked_and_is_kept_nowhere(
    run_qs: Callable[..., subprocess.CompletedProcess[str]], qs_home: Path
) -> None:
    with _served(qs_home) as address:
        assert run_qs("tenant", "add", "acme").returncode == 0
        key = run_qs("key", "create", "--tenant", "acme").stdout.strip()
        note = {"type": "note", "name": "Tea", "body": "Green tea steeps for two minutes."}
        assert _ask(f"{address}/v1/nodes", key, note)["name"] == "Tea"
        (hit,) = _ask(f"{address}/v1/semantic?query=how+long+for+tea", key)["data"]
        assert hit["similarity"] > 0.3
        told = _ask(f"{address}/v1/graph/ask", key, {"query": "How long does tea steep?"})
        assert [source["name"] for source in told["sources"]] == ["Tea"]
        assert run_qs("key", "revoke", key).returncode == 0
        with pytest.raises(HTTPError, match="401") as refused:
            _ask(f"{address}/v1/nodes", key)
        refused.value.close()
    assert_nowhere(key[12:], qs_home)
