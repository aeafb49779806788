"""Scratch folders: measured, removed whatever is in them, and swept when their owner has died."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.contents import MOST_LEVELS, Contents, TooMuch, contents
from quantumsketch.tools.sandbox.scratch import require_room, scratch_folder, sweep
from quantumsketch.tools.tool import Limits

GIVE_UP_S = 20.0
NEVER_STILL = """
import os
os.mkdir("a"); open("a/file", "wb").write(bytes(10**6))
while True:
    os.rename("a", "b"); os.rename("b", "a")
"""


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


NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name)
KINDS = ("file", "folder", "link", "pipe", "socket", "twin")
MODES = st.sampled_from([0o000, 0o400, 0o444, 0o111, 0o1777, 0o4755, 0o700])


@given(made=st.lists(st.tuples(NAMES, st.sampled_from(KINDS), MODES, st.integers(0, 20)), max_size=20))
def test_whatever_was_made_in_it_is_removed(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[bytes, str, int, int]]
) -> None:
    root = tmp_path_factory.mktemp("root")

    async def use() -> int:
        async with scratch_folder(root, "tool") as folder:
            return _furnish(os.fsencode(folder), made)

    count = asyncio.run(use())
    assert count == len({name for name, *_ in made if name not in (b".", b"..")})
    assert _names(root) == []


def _furnish(folder: bytes, made: list[tuple[bytes, str, int, int]]) -> int:
    """Make what is asked for, each in one of the folders that are there by then; return how many."""
    folders, locked, names = [os.open(folder, os.O_RDONLY)], [], set[bytes]()
    for name, kind, mode, where in made:
        if name in names or name in (b".", b".."):
            continue
        names.add(name)
        here = folders[where % len(folders)]
        if kind == "folder":
            os.mkdir(name, dir_fd=here)
            folders.append(os.open(name, os.O_RDONLY, dir_fd=here))
            locked.append((folders[-1], mode))
        elif kind == "link":
            os.symlink(b"/usr", name, dir_fd=here)
        else:
            os.mknod(name, {"pipe": stat.S_IFIFO, "socket": stat.S_IFSOCK}.get(kind, 0) | 0o600, dir_fd=here)
        if kind == "twin":
            os.link(name, name[:200] + b" twin", src_dir_fd=here, dst_dir_fd=here)
    for place, mode in locked:
        os.fchmod(place, mode)
    for place in folders:
        os.close(place)
    return len(names)


async def test_a_wide_and_deep_tree_goes_quickly(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path, "tool") as folder:
        for n in range(1500):
            (folder / "wide" / str(n) / "inner").mkdir(parents=True)
            (folder / str(n)).touch()
        _dig(folder, 300)
    assert _names(tmp_path) == []


async def test_its_neighbourhood_stays_closed_whatever_mode_it_is_given(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path, "tool") as folder:
        folder.chmod(0o777)
        assert _mode(folder.parent) == 0o700


def test_a_call_that_could_fill_the_disk_is_refused(tmp_path: Path) -> None:
    require_room(tmp_path, Limits(scratch_bytes=1))
    with pytest.raises(SandboxUnavailable, match=r"has only \d+ bytes free") as refused:
        require_room(tmp_path, Limits(scratch_bytes=2**62))
    assert str(tmp_path) in refused.value.what
    assert "room" in refused.value.mend


async def test_of_hollow_files_what_is_written_counts_and_of_hard_links_one(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "full").write_bytes(bytes(100_000))
    (tmp_path / "link").symlink_to("/usr")
    before = contents(tmp_path, 100)
    assert 100_000 <= before.bytes < 200_000
    assert (before.files, before.vanished) == (3, 0)
    with (tmp_path / "hollow").open("wb") as hollow:
        hollow.truncate(10**9)
    for n in range(20):
        os.link(tmp_path / "inner" / "full", tmp_path / f"again-{n}")
    after = contents(tmp_path, 100)
    assert after.bytes - before.bytes < 100_000
    assert after.files == 3 + 21


def test_what_is_attached_to_files_counts(tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / str(n)).touch()
    before = contents(tmp_path, 100).bytes
    try:
        for n in range(100):
            os.setxattr(tmp_path / str(n), "user.note", f"{n:04}".encode() * 900)
    except OSError:
        pytest.skip("needs a file system with attributes for users")
    assert contents(tmp_path, 100).bytes - before >= 100 * 3_600


def test_too_many_files_are_too_much(tmp_path: Path) -> None:
    for n in range(10):
        (tmp_path / str(n)).symlink_to("nowhere")
    assert contents(tmp_path, 10).files == 10
    with pytest.raises(TooMuch, match="more than 9 files"):
        contents(tmp_path, 9)


async def test_too_many_levels_are_too_much(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path, "tool") as folder:
        _dig(folder, MOST_LEVELS)
        contents(folder, 1000)
    async with scratch_folder(tmp_path, "tool") as folder:
        _dig(folder, MOST_LEVELS + 1)
        with pytest.raises(TooMuch, match="levels"):
            contents(folder, 1000)


@pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user: root looks everywhere")
def test_a_folder_that_cannot_be_looked_into_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    with pytest.raises(TooMuch, match="looked into"):
        contents(tmp_path, 100)
    (tmp_path / "locked").chmod(0o700)


def test_a_folder_that_is_never_where_it_was_is_noticed(tmp_path: Path) -> None:
    restless = subprocess.Popen([sys.executable, "-I", "-S", "-c", NEVER_STILL], cwd=tmp_path)
    try:
        give_up = time.monotonic() + GIVE_UP_S
        while not contents(tmp_path, 100).vanished:
            assert time.monotonic() < give_up
    finally:
        restless.kill()
        restless.wait()
    assert contents(tmp_path, 100).vanished == 0


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert contents(tmp_path / "never-made", 1) == Contents(0, 0, 0)
