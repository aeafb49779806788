"""Never a silent downgrade: who works in less than the full sandbox is told so, once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from quantumsketch.cli.opening import working_studio
from quantumsketch.tools.tool import Backend
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos
from web.app import create_app
from workflows.ledger import Ledger

NOTICE = Backend.NO_PROC.notice


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RehearsedVideos:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tea.txt").write_text("Why does tea go with biscuits?")
    (tmp_path / "assets").mkdir()
    return RehearsedVideos(tmp_path / "assets")


def _run(videos: RehearsedVideos, notice: str | None, *arguments: str) -> Said:
    return qs(RehearsedStudio(videos, sandbox_notice=notice), arguments)


def test_every_backend_but_the_full_one_has_a_notice_that_names_it() -> None:
    assert Backend.FULL.notice is None
    for backend in set(Backend) - {Backend.FULL}:
        assert backend.removesuffix(" (degraded)") in str(backend.notice)
        assert "`qs doctor`" in str(backend.notice)
        assert "\n" not in str(backend.notice)


@pytest.mark.parametrize(
    "command", [("render", "tea.txt"), ("render", "tea.txt", "--plan"), ("render", "tea.txt", "--json")]
)
def test_a_render_in_a_degraded_sandbox_says_so_once_on_standard_error(
    videos: RehearsedVideos, command: tuple[str, ...]
) -> None:
    said = _run(videos, NOTICE, *command)
    assert said.code == 0
    assert said.stderr.count(str(NOTICE)) == 1
    assert str(NOTICE) not in said.stdout
    assert "degraded" not in _run(videos, None, *command).stderr


def test_resume_says_it_too_and_whoever_only_looks_does_not(videos: RehearsedVideos) -> None:
    _run(videos, None, "render", "tea.txt")
    assert _run(videos, NOTICE, "resume", "tea-1").stderr.count(str(NOTICE)) == 1
    assert "degraded" not in _run(videos, NOTICE, "list").stderr
    assert "degraded" not in _run(videos, NOTICE, "show", "tea-1").stderr


async def test_serve_and_worker_say_it_before_they_begin(
    videos: RehearsedVideos, capsys: pytest.CaptureFixture[str]
) -> None:
    studio = RehearsedStudio(videos, sandbox_notice=NOTICE)
    async with working_studio(studio.open, always=True):
        assert capsys.readouterr().err == f"note: {NOTICE}\n"


@pytest.mark.parametrize("notice", [NOTICE, None])
async def test_every_page_says_it(videos: RehearsedVideos, notice: str | None) -> None:
    transport = httpx.ASGITransport(app=create_app(videos, notice=notice))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as web:
        shown = [(await web.get(page)).text for page in ("/", "/videos/no-such-video")]
    assert [("degraded" in text, text.count('role="note"')) for text in shown] == [(bool(notice),) * 2] * 2


def test_a_video_tells_once_that_clips_of_it_were_made_in_a_degraded_sandbox() -> None:
    ledger = Ledger(0.0)
    for notice in (None, NOTICE, NOTICE, None):
        ledger.notice(notice)
    assert ledger.notices == [NOTICE]
    assert ledger.snapshot().notes == [], "whoever follows the run was told when it began"
