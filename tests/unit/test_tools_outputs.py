"""What is taken out of a scratch folder, on real files of every kind."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.outputs import BadOutput, collect


def _in(folder: Path) -> Path:
    scratch = folder / "scratch"
    scratch.mkdir()
    return scratch


def test_a_copy_has_the_bytes_and_a_mode_of_its_own(tmp_path: Path) -> None:
    made = _in(tmp_path) / "out"
    made.write_bytes(b"a film")
    made.chmod(0o6777)
    kept = collect(tmp_path / "scratch", {"out": 6, "missing": 1}, tmp_path / "keep")
    assert kept == {"out": tmp_path / "keep" / "out"}
    assert kept["out"].read_bytes() == b"a film"
    assert not kept["out"].stat().st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IXUSR | stat.S_IWOTH)


def test_a_socket_a_link_a_pipe_a_folder_and_a_file_with_two_names_are_no_outputs(tmp_path: Path) -> None:
    scratch = _in(tmp_path)
    (scratch / "honest").write_bytes(b"x")
    os.link(scratch / "honest", scratch / "second-name")
    (scratch / "link").symlink_to("honest")
    (scratch / "to-nowhere").symlink_to("/no/such/place")
    (scratch / "to-a-device").symlink_to("/dev/zero")
    (scratch / "folder").mkdir()
    os.mkfifo(scratch / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(scratch / "socket"))
    for name in sorted(place.name for place in scratch.iterdir()):
        with pytest.raises(BadOutput, match=name):
            collect(scratch, {name: 100}, tmp_path / "keep")
    assert list((tmp_path / "keep").iterdir()) == []


def test_a_hollow_file_is_as_large_as_it_says_and_not_larger_than_allowed(tmp_path: Path) -> None:
    with (_in(tmp_path) / "out").open("wb") as hollow:
        hollow.truncate(3_000_000)
    with pytest.raises(BadOutput, match="3000000 bytes, 2999999 are allowed"):
        collect(tmp_path / "scratch", {"out": 2_999_999}, tmp_path / "keep")
    kept = collect(tmp_path / "scratch", {"out": 3_000_000}, tmp_path / "keep")
    assert kept["out"].stat().st_size == 3_000_000


def test_a_file_that_gives_more_than_its_size_is_copied_no_further_than_its_size(tmp_path: Path) -> None:
    growing = Path("/proc/self/status")
    assert growing.stat().st_size == 0 < len(growing.read_bytes())
    kept = collect(growing.parent, {growing.name: 100}, tmp_path)
    assert kept[growing.name].read_bytes() == b""


@pytest.mark.parametrize("name", ["", ".", "..", "../out", "inner/out", "/etc/hostname"])
def test_an_output_is_declared_by_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        collect(_in(tmp_path), {name: 100}, tmp_path / "keep")


def test_what_was_kept_before_is_replaced_and_not_written_into(tmp_path: Path) -> None:
    (_in(tmp_path) / "out").write_bytes(b"new")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"as it was")
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "out").symlink_to(elsewhere)
    kept = collect(tmp_path / "scratch", {"out": 3}, tmp_path / "keep")
    assert kept["out"].read_bytes() == b"new"
    assert elsewhere.read_bytes() == b"as it was"
