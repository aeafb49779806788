"""The memory as the doors use it: what finds, walks, writes, and tells who asks, on one database."""

from __future__ import annotations

from dataclasses import dataclass

from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import CachingEmbedder, Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.keys import Doorkeeper
from workflows.answering import Answers, Models


@dataclass(frozen=True)
class Memory:
    """Everything that the doors of the memory need, for any tenant."""

    database: Database
    store: Store
    search: Search
    walker: Walker
    doorkeeper: Doorkeeper
    answers: Answers
    upkeep: Upkeep

    @classmethod
    def on(
        cls,
        database: Database,
        embedder: Embedder,
        models: Models | None = None,
        upkeep: Upkeep | None = None,
        door: Database | None = None,
    ) -> Memory:
        """Make all of it, on a database that is migrated; without `models` questions find sources alone.

        `upkeep` is shared if given. `door` are connections to the same database on which keys and quotas are
        looked up, so that this waits for no other work.
        """
        search, walker = Search(database, embedder), Walker(database)
        return cls(
            database,
            Store(database, embedder),
            search,
            walker,
            Doorkeeper(door or database),
            Answers(database, Search(database, CachingEmbedder(embedder)), walker, models),
            upkeep or Upkeep(database, embedder),
        )
