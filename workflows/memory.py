"""The memory as the doors use it: what finds, walks, writes, and tells who asks, on one database."""

from __future__ import annotations

from dataclasses import dataclass

from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keys import Doorkeeper
from quantumsketch.memory.search import Search
from quantumsketch.memory.store import Store
from quantumsketch.memory.walking import Walker


@dataclass(frozen=True)
class Memory:
    """Everything that the doors of the memory need, for any tenant."""

    database: Database
    store: Store
    search: Search
    walker: Walker
    doorkeeper: Doorkeeper
    answers: None = None

    @classmethod
    def on(cls, database: Database, embedder: Embedder) -> Memory:
        """Make all of it, on a database that is migrated."""
        return cls(
            database,
            Store(database, embedder),
            Search(database, embedder),
            Walker(database),
            Doorkeeper(database),
        )
