"""How fast the memory is, on a generated graph in a Postgres of its own, and how well it finds what is asked.

    python -m benchmarks.memory [--full] [--home FOLDER]

By default the graph is small; with --full it has a million nodes. With --home it is kept there and used
again. Walls are of three tries of each question, after a first one that is told apart: other work on the
machine makes them longer. CPU is the processor time of the caller and of Postgres together, and depends on
that much less.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.memory_clock import Clock
from benchmarks.memory_graph import BIG, FULL, SMALL, Size, generate
from benchmarks.memory_retrieval import retrieval
from benchmarks.memory_speed import by_meaning, fused, upserts, walks
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder, LocalEmbedder
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.promotion import promote
from quantumsketch.runtime.embedded import attach
from quantumsketch.runtime.places import Places
from quantumsketch.settings import Settings


async def prepare(database_url: str, size: Size, embedder: Embedder) -> None:
    """Have the graph there, and the vectors of the big tenant indexed, unless an earlier run kept them."""
    await migrate(database_url)
    with psycopg.connect(database_url, autocommit=True) as owner:
        if owner.execute("SELECT EXISTS (SELECT FROM quantumsketch.nodes)").fetchone() != (True,):
            began = time.perf_counter()
            generate(owner, size, embedder)
            print(f"generated in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    if await promote(database_url, BIG, embedder.model):
        print(f"vectors of the big tenant indexed in {time.perf_counter() - began:.0f} s", flush=True)


async def measure(home: Path, size: Size) -> None:
    """Generate, measure, tell."""
    embedder = LocalEmbedder()
    print(
        f"{size.nodes:,} nodes, {size.edges:,} edges, {size.vectors:,} vectors, {len(size.tenants)} tenants"
    )
    async with attach(Settings(home=home), temporal=False) as endpoints:
        url, clock = endpoints.database_url, Clock(Places(home).postgres)
        await prepare(url, size, embedder)
        gc.collect()
        gc.freeze()  # as `qs serve` does
        async with open_database(url) as database:
            with psycopg.connect(url, autocommit=True) as owner:
                owner.execute("SET search_path = quantumsketch, public")
                await walks(database, clock, owner)
                await by_meaning(database, clock, owner, size, embedder)
                await fused(database, clock, size, embedder)
                await upserts(database, clock, embedder)
                await retrieval(database, embedder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--full", action="store_true", help="a million nodes, ten million edges, 200,000 vectors"
    )
    parser.add_argument("--home", type=Path, help="keep the generated graph in this folder, and use it again")
    chosen = parser.parse_args()
    size = FULL if chosen.full else SMALL
    if chosen.home:
        return asyncio.run(measure(chosen.home / f"{size.nodes}-nodes", size))
    with tempfile.TemporaryDirectory(prefix="qs-bench-") as folder:
        return asyncio.run(measure(Path(folder), size))


if __name__ == "__main__":
    main()
