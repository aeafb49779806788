"""The store on a real disk, with real processes that die."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quantumsketch.assets.incoming import Incoming
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import AssetCorrupt, BadInput, NotFound
from quantumsketch.video import AssetRef


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"moving picture" * 1000)
    return path


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    return AssetStore(tmp_path / "store")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_stored_bytes_come_back_under_their_own_name(store: AssetStore, source: Path) -> None:
    ref = store.put(source, "video/mp4")
    assert ref.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (ref.size, ref.media_type) == (14_000, "video/mp4")
    assert store.path(ref).read_bytes() == source.read_bytes()
    store.verify(ref)


def test_storing_the_same_bytes_again_adds_nothing(store: AssetStore, source: Path, tmp_path: Path) -> None:
    assert store.put(source, "video/mp4") == store.put(source, "video/mp4")
    assert len(_files(tmp_path / "store")) == 1


def test_an_empty_file_is_an_asset_like_any_other(store: AssetStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    ref = store.put(tmp_path / "empty", "text/plain")
    assert store.path(ref).read_bytes() == b""


def test_whoever_made_a_file_cannot_change_it_once_it_is_stored(store: AssetStore, source: Path) -> None:
    ref = store.put(source, "video/mp4")
    with source.open("r+b") as file:
        file.write(b"CHANGED")
    assert store.path(ref).stat().st_nlink == 1
    store.verify(ref)


def test_nothing_but_a_regular_file_is_stored(store: AssetStore, source: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "store"):
        with pytest.raises(BadInput, match=name):
            store.put(tmp_path / name, "video/mp4")
    with pytest.raises(NotFound, match="nothing-here"):
        store.put(tmp_path / "nothing-here", "video/mp4")
    assert _files(tmp_path / "store") == []


def test_an_asset_that_is_not_there_is_not_found(store: AssetStore) -> None:
    ref = AssetRef(sha256="0" * 64, media_type="video/mp4", size=1)
    for ask in (store.path, store.verify):
        with pytest.raises(NotFound, match=ref.sha256):
            ask(ref)


def test_a_torn_or_rotten_asset_is_noticed_and_mended_by_storing_it_again(
    store: AssetStore, source: Path
) -> None:
    ref = store.put(source, "video/mp4")
    store.path(ref).write_bytes(source.read_bytes()[:-1])
    with pytest.raises(AssetCorrupt, match="13999 bytes"):
        store.path(ref)
    store.put(source, "video/mp4")
    store.path(ref).write_bytes(source.read_bytes()[:-1] + b"X")
    with pytest.raises(AssetCorrupt, match=ref.sha256):
        store.verify(ref)
    store.put(source, "video/mp4")
    store.verify(ref)


def test_a_record_is_found_under_its_key_and_the_last_writer_wins(store: AssetStore, tmp_path: Path) -> None:
    key = "../../any text/" + "x" * 500
    assert store.find(key) is None
    store.remember(key, b"one")
    store.remember(key, b"two")
    assert store.find(key) == b"two"
    assert AssetStore(tmp_path / "store").find(key) == b"two"


def test_only_the_owner_can_read_what_is_stored(tmp_path: Path, source: Path) -> None:
    before = os.umask(0)
    try:
        store = AssetStore(tmp_path / "store")
        store.put(source, "video/mp4")
        store.remember("key", b"record")
    finally:
        os.umask(before)
    paths = [tmp_path / "store", *(tmp_path / "store").rglob("*")]
    assert len(paths) == 8
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}


def test_many_writers_at_once_leave_every_asset_and_record_whole(tmp_path: Path) -> None:
    contents = [bytes([number]) * 300_000 for number in range(4)]
    for number, content in enumerate(contents):
        (tmp_path / str(number)).write_bytes(content)

    def write(turn: int) -> AssetRef:
        store = AssetStore(tmp_path / "store")  # each sweeps while the others write
        store.remember("shared", contents[turn % 4])
        return store.put(tmp_path / str(turn % 4), "video/mp4")

    with ThreadPoolExecutor(8) as threads:
        refs = {ref.sha256: ref for ref in threads.map(write, range(32))}
    store = AssetStore(tmp_path / "store")
    assert len(refs) == 4
    for ref in refs.values():
        store.verify(ref)
    assert store.find("shared") in contents
    assert _files(tmp_path / "store" / "incoming") == []


def test_the_file_of_a_living_writer_is_not_swept(tmp_path: Path) -> None:
    AssetStore(tmp_path / "store")
    with Incoming(tmp_path / "store" / "incoming").new_file() as incoming:
        incoming.write(b"half")
        AssetStore(tmp_path / "store")
        incoming.write(b" and half")
        incoming.publish(tmp_path / "store" / "blobs" / "whole")
    assert (tmp_path / "store" / "blobs" / "whole").read_bytes() == b"half and half"


_WRITER = """
import sys
from pathlib import Path
from quantumsketch.assets.store import AssetStore
AssetStore(Path(sys.argv[1])).put(Path(sys.argv[2]), "video/mp4")
"""


def _kill_in_the_middle_of_writing(root: Path, source: Path) -> None:
    """Start a writer, and kill it with SIGKILL as soon as a part of its file is on the disk."""
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(root), str(source)])
    try:
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in _files(root / "incoming")):
            assert writer.poll() is None, "the writer ended before it could be killed"
            assert time.monotonic() < deadline
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()


def test_a_writer_killed_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    source, root = tmp_path / "big", tmp_path / "store"
    with source.open("wb") as file:
        file.truncate(1 << 30)  # takes no room itself, and long to copy
    AssetStore(root)
    _kill_in_the_middle_of_writing(root, source)
    assert len(_files(root / "incoming")) == 1
    assert _files(root / "blobs") == []
    AssetStore(root)
    assert _files(root) == []
