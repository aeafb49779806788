"""Where a command's bytes go: what is replaced, what is written into, and what is refused."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quantumsketch.cli.output_file import written
from quantumsketch.errors import BadInput, QuantumSketchError


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def write(output: Path, data: bytes = b"new") -> None:
    with written(output) as out:
        out.write(data)


def fail(output: Path, error: Exception) -> None:
    with written(output) as out:
        out.write(b"new")
        raise error


def test_a_file_is_seen_when_it_is_whole_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with written(file) as out:
        out.write(b"new")
        out.flush()
        assert file.read_bytes() == b"old"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [KeyError(), OSError(28, "no room"), TimeoutError()])
def test_what_fails_half_way_leaves_what_was_there_and_is_told_as_it_is(
    error: Exception, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with pytest.raises(type(error)) as failed:
        fail(file, error)
    assert failed.value is error
    assert file.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may have more than 10,000 bytes, as if the disk were full then."""
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("size", [10_001, 100_000])
def test_what_there_is_no_room_for_is_told_by_the_name_that_was_given(size: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    write(file, b"x" * 10_000)
    with pytest.raises(QuantumSketchError) as failed:
        write(file, b"y" * size)
    assert failed.value.what == f"{str(file)!r} cannot be written to its end: File too large"
    assert file.read_bytes() == b"x" * 10_000
    assert names_in(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_a_full_device_is_told_before_anything_is_said_to_be_done() -> None:
    with pytest.raises(QuantumSketchError) as failed:
        write(Path("/dev/full"))
    assert failed.value.what.startswith("'/dev/full' cannot be written to its end: ")
    program = (
        "from quantumsketch.cli.output_file import written\n"
        "try:\n with written(None) as out: out.write(b'new')\n"
        "except OSError: import os; os._exit(7)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", program], stdout=full, env=environment, timeout=60, check=False
        )
    assert ended.returncode == 7


def test_what_lies_beside_a_file_under_a_name_like_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"mine")
    write(tmp_path / "file")
    assert (tmp_path / "file.part").read_bytes() == b"mine"


def test_a_name_as_long_as_names_may_be_can_be_written(tmp_path: Path) -> None:
    write(tmp_path / ("x" * 255))
    assert names_in(tmp_path) == ["x" * 255]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_keeps_leading_to_where_it_led(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    target, link, link_to_link = folder / "target", tmp_path / "link", tmp_path / "link to link"
    link.symlink_to("folder/target")
    link_to_link.symlink_to(link)
    if there:
        target.write_bytes(b"old")
    write(link_to_link)
    assert (link.readlink(), link_to_link.readlink()) == (Path("folder/target"), link)
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path) == ["folder", "link", "link to link"]


@pytest.mark.parametrize("by_link", [True, False])
def test_a_pipe_stays_a_pipe_and_takes_the_bytes(tmp_path: Path, by_link: bool) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = os.open(pipe, os.O_RDWR)
    try:
        write(link if by_link else pipe)
        assert os.read(reader, 100) == b"new"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_standard_output_by_its_name_is_standard_output(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from quantumsketch.cli.output_file import written\n"
        "with written(Path('stdout')) as out: out.write(b'new')"
    )
    (tmp_path / "stdout").symlink_to("/dev/fd/1")
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, timeout=60, check=True
    )
    assert ended.stdout == b"new"
    assert (tmp_path / "stdout").is_symlink()
    with (tmp_path / "file").open("wb") as file:  # a shell's > and >>: what it opened is written on
        file.write(b"old ")
        file.flush()
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, stdout=file, timeout=60, check=True)
    assert (tmp_path / "file").read_bytes() == b"old new"


def test_what_cannot_be_written_is_refused_by_the_name_that_was_given(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "nowhere").symlink_to("no/such/file")
    for name in (".", "no/file", "file/file", "round", "nowhere", "x" * 300):
        with pytest.raises(BadInput) as refused:
            write(tmp_path / name)
        assert refused.value.what.startswith(f"{str(tmp_path / name)!r} cannot be written: ")
    assert names_in(tmp_path) == ["file", "nowhere", "round"]
