"""docker-compose.yml's web and worker as plain processes, on a Temporal and a Postgres that others started.

The commands, the environment and the health checks are the file's own; only addresses and folders are others.
What this cannot show: the images, and the rights that a container has.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
import yaml

from quantumsketch.runtime.embedded import Endpoints, attach
from quantumsketch.settings import Settings
from tests.conftest import remove_home

SERVICES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())[
    "services"
]
PROGRAMS = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
"""The image's PATH, here."""
PROMPT = "# Making tea\n\n- Boil the water\n- Let the leaves steep for 3 minutes\n"
RENDER_S = 200
DOCKERS_GRACE = "10s"
pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def servers() -> AsyncIterator[Endpoints]:
    """A Temporal and a Postgres of nobody else's: whoever works for them gets all their work."""
    home = Path(tempfile.mkdtemp(prefix="qs-", dir="/tmp"))
    async with attach(Settings(home=home)) as found:
        yield found
    remove_home(home)


def environment(service: str, home: Path, servers: Endpoints) -> dict[str, str]:
    """What the file sets in the container, with this machine's addresses; a name without a value is unset."""
    here = {
        "PATH": PROGRAMS,
        "QS_HOME": str(home),
        "TEMPORAL_ADDRESS": str(servers.temporal_address),
        "QS_DATABASE_URL": servers.database_url,
        "PGPASSWORD": "unused",
    }
    given = {name: value for name, value in SERVICES[service]["environment"].items() if value is not None}
    assert here.keys() - {"PATH"} <= given.keys(), "the file leaves an address to chance"
    found = given | here
    assert not [name for name, value in found.items() if "${" in value]
    return found


def command(words: list[str], port: str) -> list[str]:
    """The file's words with another port: its own may be taken here."""
    return [word.replace("8000", port) for word in words]


@contextmanager
def running(service: str, env: Mapping[str, str], log: Path) -> Iterator[psutil.Popen]:
    """The service's own command as a process, which ends in order by SIGTERM before Docker would kill it."""
    grace = SERVICES[service].get("stop_grace_period", DOCKERS_GRACE)
    words = command(SERVICES[service]["command"], "0")
    with log.open("wb") as said, psutil.Popen(words, env=env, stdout=said, stderr=said) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(float(grace.removesuffix("s"))) == 0, log.read_text()
        finally:
            if process.is_running():
                process.kill()


def said(log: Path, words: str, process: psutil.Popen) -> str:
    """The log's line with `words`, once it is there."""
    deadline = time.monotonic() + 60
    while True:
        for line in log.read_text().splitlines():
            if words in line:
                return line
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"{words!r} was not said: {log.read_text()}"
        time.sleep(0.1)


def healthy(service: str, port: str, env: Mapping[str, str]) -> None:
    """The file's own health check passes."""
    [kind, *words] = command(SERVICES[service]["healthcheck"]["test"], port)
    assert kind == "CMD"
    program = shutil.which(words[0], path=PROGRAMS)
    assert program
    done = subprocess.run([program, *words[1:]], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def finished(page: httpx.Client, video_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + RENDER_S
    while True:
        shown: dict[str, Any] = page.get(f"/api/videos/{video_id}").raise_for_status().json()
        if shown["state"] != "running":
            assert shown["state"] == "done", shown
            return shown
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)


def of_this_home(home: Path) -> list[str]:
    """Processes that work for `home`, by their environment or command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("QS_HOME") == str(home) or str(home) in " ".join(process.cmdline()):
                found.append(str(process))
        except psutil.Error:
            continue
    return found


def test_web_and_worker_of_the_compose_file_make_a_video_on_other_peoples_servers(
    servers: Endpoints, qs_home: Path, tmp_path: Path
) -> None:
    envs = {name: environment(name, qs_home, servers) for name in ("web", "worker")}
    logs = {name: tmp_path / f"{name}.log" for name in envs}
    with running("web", envs["web"], logs["web"]) as web:
        address = said(logs["web"], "http://", web)
        port = address.rpartition(":")[2]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as page:
            wanted = {"prompt": PROMPT, "quality": "draft", "max_beats": 1}
            video_id = page.post("/api/videos", json=wanted).raise_for_status().json()["id"]
            assert not list(web.children(recursive=True)), "the web started something"
            with running("worker", envs["worker"], logs["worker"]) as worker:
                shown = finished(page, video_id)
                assert [beat["outcome"] for beat in shown["beats"]] == ["planned"]
                assert_ranges(page, shown["path"])
                healthy("web", port, envs["web"])
                healthy("worker", port, envs["worker"])
                assert_only_ours_run(web, worker)
            assert_only_own_names(page)
    assert not {"postgres", "temporal", "servers.lock", "run"} & {path.name for path in qs_home.iterdir()}
    assert not list((qs_home / "scratch").iterdir())
    assert not of_this_home(qs_home)


def assert_ranges(page: httpx.Client, path: str) -> None:
    """The film comes in pieces, so that players can seek."""
    whole = page.get(path).raise_for_status()
    assert whole.headers["content-type"] == "video/mp4"
    first = page.get(path, headers={"Range": "bytes=0-99"})
    last = page.get(path, headers={"Range": "bytes=-50"})
    assert (first.status_code, last.status_code) == (206, 206)
    assert first.headers["content-range"] == f"bytes 0-99/{len(whole.content)}"
    assert first.content[4:8] == b"ftyp"
    assert (first.content, last.content) == (whole.content[:100], whole.content[-50:])


def assert_only_ours_run(web: psutil.Popen, worker: psutil.Popen) -> None:
    """Neither has started a server: the web nothing, the worker a sandbox. Only the web listens, once."""
    assert not web.children(recursive=True)
    assert {child.name() for child in worker.children()} == {"bwrap"}
    for process, listening in ((web, 1), (worker, 0)):
        places = [place for place in process.net_connections() if place.status == psutil.CONN_LISTEN]
        assert len(places) == listening


def assert_only_own_names(page: httpx.Client) -> None:
    """Bound to every address, as in its container, the web answers by address, and by no foreign name."""
    assert page.get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert page.get("/", headers={"Host": "localhost:8000"}).status_code == 200
    assert page.get("/", headers={"Host": "elsewhere.example:8000"}).status_code == 403
