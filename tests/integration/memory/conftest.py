"""A database of its own for each test module, on the shared Postgres."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo

from quantumsketch.memory.database import Connection, open_database
from quantumsketch.memory.embedding import Embedder, LocalEmbedder
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.memory.tenants import open_as_owner
from quantumsketch.runtime.embedded import Endpoints
from tests.integration.memory.served_memory import Served, served


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Yield the URL of a new, empty database, which is gone afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(server_url, dbname=name)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def database_url(endpoints: Endpoints) -> Iterator[str]:
    """An empty database, shared by the tests of a module."""
    with new_database(endpoints.database_url) as url:
        yield url


@pytest.fixture
def database_setting(database_url: str) -> str:
    """The module's database as QS_DATABASE_URL names one."""
    with psycopg.connect(database_url) as connection:
        info = connection.info
        return f"postgresql://{info.user}@/{info.dbname}?host={quote(info.host, safe='')}&port={info.port}"


@pytest.fixture
def another_database(endpoints: Endpoints) -> Iterator[Callable[[], str]]:
    """Make as many empty databases as the test calls for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(new_database(endpoints.database_url))


@pytest_asyncio.fixture
async def graph(database_url: str) -> AsyncIterator[Graph]:
    """The graph in the module's database."""
    async with Graph.open(database_url) as graph:
        yield graph


@pytest_asyncio.fixture
async def postgres_book(database_url: str, graph: Graph) -> AsyncIterator[PostgresBook]:
    """The call book in the module's database."""
    async with open_database(database_url) as database:
        yield PostgresBook(database)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedding model, loaded once."""
    return LocalEmbedder()


@pytest_asyncio.fixture
async def store(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[Store]:
    """The store in the module's database."""
    async with open_database(database_url) as database:
        yield Store(database, embedder)


@pytest.fixture(scope="module")
def api(database_url: str, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The memory's API on the module's database."""
    with served(database_url, embedder, tmp_path_factory.mktemp("videos")) as found:
        yield found


@pytest.fixture
def client(api: Served) -> Iterator[httpx.Client]:
    """A client of that API with the key of a tenant of its own."""
    with api.tenant() as client:
        yield client


@pytest.fixture
def experience(graph: Graph, embedder: Embedder) -> Experience:
    """What was learned, in the module's database."""
    return Experience.on(graph.database, embedder)


@pytest_asyncio.fixture
async def search(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[Search]:
    """The search in the module's database."""
    async with open_database(database_url) as database:
        yield Search(database, embedder)


@pytest.fixture
def library(graph: Graph, store: Store, search: Search, embedder: Embedder) -> Library:
    """The library in the module's database."""
    return Library(graph, store, search, Upkeep(graph.database, embedder))


@pytest_asyncio.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """A connection of the login that keeps tenants and keys."""
    async with open_as_owner(database_url) as connection:
        yield connection


@pytest.fixture
def administrator(database_url: str, graph: Graph) -> Iterator[psycopg.Connection]:
    """A connection of the superuser, whom no policy binds, to look behind the walls."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        yield connection


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test has."""
    return f"t-{secrets.token_hex(6)}"


@pytest.fixture
def ordinary_login(endpoints: Endpoints, graph: Graph) -> Iterator[str]:
    """The name of a login that may do nothing by itself; requested before its databases, it outlives them."""
    name = f"login_{secrets.token_hex(6)}"
    with psycopg.connect(endpoints.database_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
