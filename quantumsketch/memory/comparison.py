"""How vectors of one length are compared: alike where they are searched and where they are indexed. No I/O.

An index is of one length, and is found by the very same expression; longer vectors are indexed by halves.
"""

from __future__ import annotations

from quantumsketch.memory.queries import query

MOST_INDEXED = 4_000
"""Numbers in a vector that pgvector can index; longer ones are always compared one by one."""
_MOST_INDEXED_WHOLE = 2_000


def compared_as(dimensions: int) -> str:
    """Return the type, of Postgres, as which vectors of so many numbers are compared."""
    if _MOST_INDEXED_WHOLE < dimensions <= MOST_INDEXED:
        return f"halfvec({dimensions:d})"  # numbers of 16 bits: enough to order by
    return f"vector({dimensions:d})"


def operator_class(dimensions: int) -> str:
    """Return what an index of such vectors orders by."""
    return f"{compared_as(dimensions).partition('(')[0]}_cosine_ops"


def nearest_chunks(dimensions: int) -> bytes:
    """Return the statement that finds the chunks nearest to a vector of so many numbers."""
    return query("nearest_chunks").replace(b"{compared_as}", compared_as(dimensions).encode())
