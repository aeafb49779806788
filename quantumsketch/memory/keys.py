"""API keys: who asks, and what they may. A key is shown when it is made and kept nowhere, only its hash is.

qsk_ + 32 random bytes + 6 characters by which a typing error is told without asking the database. The first
12 characters are the key's public id: for lists, logs and provenance. Knows no HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.failures import translated
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.memory.tenants import checked_name, take_request

_MARK = "qsk_"
_ID_LENGTH = len(_MARK) + 8
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(rf"{_MARK}[A-Za-z0-9_-]{{43}}[A-Za-z0-9_-]{{{_CHECKSUM_LENGTH}}}")
_ID = re.compile(rf"{_MARK}[A-Za-z0-9_-]{{8}}")
_LONGEST_NOTE = 200


class Scope(StrEnum):
    """What a key allows."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True)
class Identity:
    """Who asks."""

    tenant: str
    scopes: frozenset[Scope]
    key_id: str

    def may(self, scope: Scope) -> bool:
        """Whether the key allows `scope`: an admin's allows all; writing does not include reading."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class KeyRecord(Record):
    """What is known of a key; not the key."""

    id: str
    tenant: str
    scopes: list[Scope]
    note: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return "revoked", "expired" or "valid"."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


def new_key() -> str:
    """Make a key."""
    secret = _MARK + secrets.token_urlsafe(32)
    return secret + _checksum(secret)


def is_well_formed(key: str) -> bool:
    """Whether `key` may be one: what was mistyped or cut short is not."""
    return bool(_SHAPE.fullmatch(key)) and _checksum(key[:-_CHECKSUM_LENGTH]) == key[-_CHECKSUM_LENGTH:]


def public_id(key: str) -> str:
    """Return the first characters of `key`, or of an id or what is longer than one; raises BadInput."""
    found = key[:_ID_LENGTH]  # of a whole key no message may tell more
    if not _ID.fullmatch(found):
        raise BadInput(
            f"{found!r} is not the beginning of a key", mend=f"It is {_MARK} and eight characters more."
        )
    return found


class Doorkeeper:
    """Tells who asks, for the doors; works as the product's role, which cannot read the keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verify(self, key: str) -> Identity | None:
        """Return whose key it is; None for one that is not known, revoked or expired.

        The database compares hashes: how long that takes tells nothing of a key.
        """
        if not is_well_formed(key):
            return None
        async with self._database.shared("verify a key") as connection:
            rows = await connection.execute(query("identify_key"), {"sha256": _sha256(key)})
            row = await rows.fetchone()
        return Identity(row["tenant"], frozenset(map(Scope, row["scopes"])), row["key_id"]) if row else None

    async def take(self, identity: Identity) -> float:
        """Count a request of the key's tenant; return 0 if it may go on, else the seconds until one may."""
        return await take_request(self._database, identity.tenant)


class Keys:
    """All keys, on a connection of `open_as_owner`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self, tenant: str, scopes: Collection[Scope], note: str = "", expires_at: datetime | None = None
    ) -> str:
        """Make a key of `tenant` and return it: nobody can show it again. Raises BadInput, NotFound."""
        key = new_key()
        parameters = {
            "id": public_id(key),
            "tenant": checked_name(tenant),
            "sha256": _sha256(key),
            "scopes": _checked_scopes(scopes),
            "note": checked_note(note),
            "expires_at": _checked_end(expires_at),
        }
        with translated("create a key"):
            row = await (await self._connection.execute(query("create_key"), parameters)).fetchone()
        if row is None:
            raise NotFound(f"there is no tenant {tenant!r}", mend=f"Add it first: qs tenant add {tenant}")
        return key

    async def list(self, tenant: str | None = None) -> list[KeyRecord]:
        """Return the keys of `tenant`, or of all, the revoked and expired ones too."""
        with translated("list keys"):
            rows = await self._connection.execute(query("list_keys"), {"tenant": tenant})
            return [KeyRecord.model_validate(row) for row in await rows.fetchall()]

    async def revoke(self, key_id: str, tenant: str | None = None) -> KeyRecord:
        """Make a key worthless from now on; again, it changes nothing. Raises BadInput, NotFound."""
        public = public_id(key_id)
        with translated("revoke a key"):
            rows = await self._connection.execute(query("revoke_key"), {"id": public, "tenant": tenant})
            row = await rows.fetchone()
        if row is None:
            raise NotFound(f"there is no key {public!r}", mend="'qs key list' shows those there are.")
        return KeyRecord.model_validate(row)


def _sha256(key: str) -> bytes:
    # Of 256 random bits, which nobody finds by trying: a slow hash is for what people think up.
    return hashlib.sha256(key.encode()).digest()


def _checksum(secret: str) -> str:
    return base64.urlsafe_b64encode(zlib.crc32(secret.encode()).to_bytes(4)).decode().rstrip("=")


def _checked_scopes(scopes: Collection[Scope]) -> list[str]:
    wrong = sorted(set(scopes) - set(Scope))
    if wrong or not scopes:
        raise BadInput(f"a key cannot have the scopes {wrong!r}", mend=f"Allowed are {', '.join(Scope)}.")
    return [scope.value for scope in Scope if scope in scopes]


def checked_note(note: str) -> str:
    """Return `note` if it can be kept; raises BadInput."""
    if len(note) > _LONGEST_NOTE or not note.isprintable():
        what = f"a note of {len(note)} characters cannot be kept"
        raise BadInput(what, mend=f"It is at most {_LONGEST_NOTE}, all printable.")
    return note


def _checked_end(expires_at: datetime | None) -> datetime | None:
    if expires_at and expires_at <= datetime.now(UTC):
        raise BadInput(f"a key cannot end at {expires_at.isoformat()}, which is past")
    return expires_at
