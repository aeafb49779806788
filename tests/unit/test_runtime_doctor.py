"""The doctor's look at programs, fonts and the home."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.runtime import doctor


def test_a_machine_that_was_set_up_has_everything(qs_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_HOME", str(qs_home))
    found = {check.name: check for check in doctor.checks()}
    assert {"python", "bwrap", "ffmpeg", "latex", "temporal", "postgres", "font: Noto Sans", "home"} <= set(
        found
    )
    assert [check for check in found.values() if not check.ok] == []
    assert all(check.detail and not check.mend for check in found.values())


def test_what_is_missing_comes_with_the_command_that_gets_it(
    qs_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = qs_home / "empty"
    empty.mkdir()
    monkeypatch.setenv("QS_HOME", str(qs_home))
    monkeypatch.setenv("PATH", str(empty))
    missing = {check.name: check.mend for check in doctor.checks() if not check.ok or check.degraded}
    assert {"bwrap", "ffmpeg", "ffprobe", "latex", "dvisvgm", "tex: standalone.cls"} <= set(missing)
    assert all(missing.values())
    assert "bubblewrap" in missing["bwrap"]
    assert "fonts-noto-core" in missing["font: Noto Sans"]


def test_a_home_that_cannot_be_made_is_seen_and_nothing_is_made(
    qs_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (qs_home / "file").write_text("")
    monkeypatch.setenv("QS_HOME", str(qs_home / "file" / "home"))
    [home] = [check for check in doctor.checks() if check.name == "home"]
    assert not home.ok
    assert "QS_HOME" in home.mend
    monkeypatch.setenv("QS_HOME", str(qs_home / "new" / "home"))
    [home] = [check for check in doctor.checks() if check.name == "home"]
    assert home.ok
    assert not (qs_home / "new").exists()
