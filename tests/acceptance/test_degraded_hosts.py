"""`qs render` where only a degraded sandbox stands: the same film, and it is said so, once in each place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantumsketch.tools.tool import Backend
from tests.degraded_hosts import Host

pytestmark = pytest.mark.slow

CODE = """
from manim import *

class Turning(Scene):
    def construct(self):
        square = Square()
        self.play(Create(square))
        self.play(Rotate(square, PI / 4))
"""
BOARD = {
    "title": "Turning",
    "summary": "A formula and a square.",
    "beats": [
        {
            "title": "Formula",
            "narration": "A formula in TeX.",
            "visual": {"kind": "derivation", "steps": [{"tex": "a^2+b^2=c^2"}]},
        },
        {"title": "Square", "narration": "A square turns.", "visual": {"kind": "manim", "code": CODE}},
    ],
}


@pytest.fixture
def folder(qs_home: Path) -> Path:
    """A folder that every user may write to; its servers end with the host's processes."""
    qs_home.chmod(0o777)
    (qs_home / "board.json").write_text(json.dumps(BOARD))
    return qs_home


@pytest.mark.parametrize(
    ("host", "backend"),
    [
        (Host(new_proc=False), Backend.NO_PROC),
        # as root the embedded Postgres would need a user namespace
        (Host(user_namespaces=False, ordinary_user=True), Backend.LANDLOCK),
    ],
    ids=["no new /proc", "no user namespaces"],
)
def test_a_film_is_made_in_a_degraded_sandbox_and_that_is_said(
    host: Host, backend: Backend, folder: Path
) -> None:
    done = host.qs(*_render(folder), QS_HOME=str(folder / "home"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [beat["outcome"] for beat in told["beats"]] == ["planned", "planned"], told["notes"]
    assert [str(backend.notice) in note for note in told["notes"]] == [True], told["notes"]
    assert done.stderr.count(str(backend.notice)) == 1
    assert (folder / "film.mp4").stat().st_size > 1000


def test_where_the_full_sandbox_is_demanded_nothing_is_rendered_in_less(folder: Path) -> None:
    refused = Host(new_proc=False).qs(*_render(folder), QS_HOME=str(folder / "home"), QS_SANDBOX="full")
    assert refused.returncode == 1
    assert "QS_SANDBOX=full demands" in refused.stderr
    assert not (folder / "film.mp4").exists()


def _render(folder: Path) -> list[str]:
    board, film = str(folder / "board.json"), str(folder / "film.mp4")
    return ["render", "--storyboard", board, "--quality", "draft", "--json", "-o", film]
