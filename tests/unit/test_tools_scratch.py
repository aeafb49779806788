"""Scratch folders: measured, removed whatever is in them, and swept when their owner has died."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.contents import MOST_LEVELS, TooMuch, contents
from quantumsketch.tools.sandbox.scratch import scratch_folder, sweep


def _names(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir())


def _mode(folder: Path) -> int:
    return folder.stat().st_mode & 0o777


def _dig(folder: Path, levels: int) -> None:
    """Make folders in folders, deeper than any path may be long."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d" * 50, dir_fd=handle)
        inner = os.open("d" * 50, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)


async def test_a_scratch_folder_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path / "made" / "here", "tool") as folder:
        assert _mode(folder) == 0o700
        (folder / "file").write_text("x")
    assert _names(tmp_path / "made" / "here") == []


async def test_no_depth_and_no_permission_stops_the_removal(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path, "tool") as folder:
        _dig(folder, 1100)
        (folder / "locked" / "inner").mkdir(parents=True)
        (folder / "locked" / "inner" / "file").touch()
        (folder / "locked" / "inner").chmod(0)
        (folder / "locked").chmod(0)
        folder.chmod(0)
    assert _names(tmp_path) == []


async def test_removal_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    async with scratch_folder(tmp_path / "root", "tool") as folder:
        (folder / "link").symlink_to(tmp_path / "outside")
    assert _names(tmp_path / "outside") == ["kept"]


async def test_a_sweep_removes_what_a_dead_owner_left_and_nothing_in_use(tmp_path: Path) -> None:
    (tmp_path / "left" / "inner").mkdir(parents=True)
    (tmp_path / "a-file").touch()
    async with scratch_folder(tmp_path, "tool") as folder:
        sweep(tmp_path)
        assert _names(tmp_path) == sorted(["a-file", folder.parent.name])


def test_a_sweep_of_nothing_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "never-made")


def test_used_bytes_are_those_on_disk(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "full").write_bytes(bytes(100_000))
    with (tmp_path / "hollow").open("wb") as hollow:
        hollow.truncate(10**9)
    (tmp_path / "link").symlink_to("/usr")
    assert 100_000 <= contents(tmp_path, 100).bytes < 200_000


async def test_too_many_levels_are_too_much(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path, "tool") as folder:
        _dig(folder, MOST_LEVELS - 1)
        contents(folder, 1000)
    async with scratch_folder(tmp_path, "tool") as folder:
        _dig(folder, MOST_LEVELS + 5)
        with pytest.raises(TooMuch, match="levels"):
            contents(folder, 1000)
