"""Bytes under the name of their own sha256, and small records under keys; in one local folder.

    blobs/ab/abcd…     the bytes whose sha256 is abcd…
    records/12/12ef…   the record remembered under the key whose sha256 is 12ef…
    incoming/          what is being written

Whatever is visible in `blobs` and `records` is whole, at any moment and after any crash, for any number of
processes at once. Knows neither what an asset shows nor what a record says, and never deletes one. Blocking:
asynchronous callers use a thread.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from quantumsketch.assets.incoming import Incoming
from quantumsketch.errors import AssetCorrupt, BadInput, NotFound
from quantumsketch.video import AssetRef

_BLOCK = 1 << 20


class AssetStore:
    """A content-addressed store in the folder `root`, which is made if it is missing."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"
        self._records = root / "records"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self._blobs, self._records):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._incoming = Incoming(root / "incoming")
        self._incoming.sweep()

    def put(self, path: Path, media_type: str) -> AssetRef:
        """Copy the file at `path` into the store and return its reference; doing so again changes nothing.

        The bytes are copied, never linked: whoever made the file cannot change them afterwards. Bytes that
        rotted in the store are replaced. Raises NotFound and BadInput (not a regular file).
        """
        digest, size = hashlib.sha256(), 0
        with self._incoming.new_file() as incoming:
            for block in _blocks(path):
                digest.update(block)
                size += len(block)
                incoming.write(block)
            ref = AssetRef(sha256=digest.hexdigest(), media_type=media_type, size=size)
            incoming.publish(self._blob(ref))
        return ref

    def path(self, ref: AssetRef) -> Path:
        """Return where the bytes of `ref` lie, to be read only.

        Raises NotFound if they do not, and AssetCorrupt if they are not as many as they were.
        """
        path = self._blob(ref)
        try:
            size = path.lstat().st_size
        except FileNotFoundError:
            raise NotFound(
                f"asset {ref.sha256!r} is not in the store", mend="Render what it shows again."
            ) from None
        if size != ref.size:
            raise AssetCorrupt(
                f"asset {ref.sha256!r} has {size} bytes in the store, but had {ref.size}",
                mend="Render what it shows again: that replaces it.",
            )
        return path

    def verify(self, ref: AssetRef) -> None:
        """Read the bytes of `ref` and compare them with their name; raises as `path` does."""
        digest = hashlib.sha256()
        for block in _blocks(self.path(ref)):
            digest.update(block)
        if digest.hexdigest() != ref.sha256:
            raise AssetCorrupt(
                f"asset {ref.sha256!r} holds bytes whose sha256 is {digest.hexdigest()!r}",
                mend="Render what it shows again: that replaces it.",
            )

    def find(self, key: str) -> bytes | None:
        """Return the record last remembered under `key`, None if there is none."""
        try:
            return self._record(key).read_bytes()
        except FileNotFoundError:
            return None

    def remember(self, key: str, record: bytes) -> None:
        """Keep `record` under `key` in place of an earlier one; of several writers the last one wins."""
        with self._incoming.new_file() as incoming:
            incoming.write(record)
            incoming.publish(self._record(key))

    def _blob(self, ref: AssetRef) -> Path:
        return self._blobs / ref.sha256[:2] / ref.sha256

    def _record(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()  # a key may hold what a file name may not
        return self._records / name[:2] / name


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of the regular file at `path`."""
    with os.fdopen(_open_regular(path), "rb", buffering=0) as source:
        while block := source.read(_BLOCK):
            yield block


def _open_regular(path: Path) -> int:
    """Return a descriptor to read from; follows no link, and waits for no pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFound(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise BadInput(f"the file {str(path)!r} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadInput(f"{str(path)!r} is not a regular file")
    return descriptor
