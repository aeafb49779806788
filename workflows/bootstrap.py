"""Opens the studio: the only place that knows every concrete class."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ServiceUnavailable
from quantumsketch.llm.chain import Chain, chain_of
from quantumsketch.llm.metering import Metered, usual_free_limits
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.llm.scopes import key_marks
from quantumsketch.memory.codebases.installed import InstalledPackage
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder, LocalEmbedder
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.films.preferences import PreferenceBook
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.settings import Settings
from quantumsketch.tools.toolbox import Toolbox, open_toolbox
from renderers.manim.knowledge.place import manim_folder
from renderers.manim.version import manim_version
from workflows.activities.checks import CheckActivities
from workflows.activities.experience import ExperienceActivities
from workflows.activities.film import FilmActivities
from workflows.activities.manual import Manual
from workflows.activities.models import ModelActivities
from workflows.activities.recall import RecallActivities
from workflows.activities.record import RecordActivities
from workflows.activities.render import RenderActivities
from workflows.answering import Models
from workflows.client import Videos
from workflows.converter import PLUGIN
from workflows.embedder import embedder_of
from workflows.logs import log_to, logging_runtime
from workflows.memory import Memory
from workflows.preferences import Preferences
from workflows.runs import Runs
from workflows.tools import TOOLS
from workflows.worker import Hands, watching, working

CONNECT_TIMEOUT_S = 10.0
LONGEST_STATEMENT_S = 30.0
"""Of what is asked at the doors; what works here, imports or indexes takes as long as it takes."""


@dataclass(frozen=True)
class Studio:
    """Everything a door needs."""

    videos: Videos
    memory: Memory
    preferences: Preferences
    temporal_ui: str | None
    sandbox_notice: str | None


@asynccontextmanager
async def open_studio(settings: Settings, endpoints: Endpoints, *, worker: bool) -> AsyncIterator[Studio]:
    """Connect to the servers at `endpoints`, and work for them if `worker` and the settings say so.

    Raises ServiceUnavailable, or SandboxUnavailable where work is wanted and no sandbox works.
    """
    async with _while_they_last(endpoints), AsyncExitStack() as stack:
        log_to(settings.home / "logs")
        local = LocalEmbedder()
        embedder = embedder_of(settings, local)
        client, graph = await asyncio.gather(
            _connect(settings, endpoints),
            stack.enter_async_context(Graph.open(endpoints.database_url, embedder)),
        )
        chain = chain_of(settings)
        metered = _metered(settings, chain, PostgresBook(graph.database))
        stack.push_async_callback(close_connections)
        memory = Memory.on(graph.database, embedder)
        await stack.enter_async_context(memory.upkeep.running(endpoints.database_url, since_before=worker))
        library = Library(graph, memory.store, memory.search, memory.upkeep)
        store = AssetStore(settings.home / "assets")
        notice = None
        if worker and settings.worker == "inline":
            # loading takes half a second, which a run would otherwise wait for at its end
            loading = asyncio.ensure_future(asyncio.to_thread(local.embed, [""]))
            stack.push_async_callback(asyncio.wait, [loading])
            toolbox = await stack.enter_async_context(
                open_toolbox(TOOLS, settings.home / "scratch", settings.sandbox)
            )
            notice = toolbox.backend.notice
            asking = ModelActivities(
                chain.entries, metered, offline_allowed=chain.offline, embed=local.embed, store=store
            )
            hands = await asyncio.to_thread(
                _hands, settings, asking, graph, library, store, embedder, local, toolbox
            )
            await stack.enter_async_context(working(client, hands))
        elif settings.worker == "inline":
            await stack.enter_async_context(watching(client))
        preferences = Preferences(PreferenceBook(memory.store), settings.tenant)
        videos = Videos(Runs(client, settings.tenant), graph, library, store, preferences)
        models = Models(chain.entries, metered)
        asked = await stack.enter_async_context(_at_the_doors(endpoints, embedder, models, memory.upkeep))
        yield Studio(videos, asked, preferences, endpoints.temporal_ui, notice)


@asynccontextmanager
async def _at_the_doors(
    endpoints: Endpoints, embedder: Embedder, models: Models, upkeep: Upkeep
) -> AsyncIterator[Memory]:
    """The memory on connections of its own: who asks at the doors takes none from who works."""
    async with (
        open_database(
            endpoints.database_url, at_once=False, longest_statement_s=LONGEST_STATEMENT_S
        ) as database,
        open_database(endpoints.database_url, at_once=False, connections=2) as for_keys,
    ):
        yield Memory.on(database, embedder, models, upkeep, for_keys)


@asynccontextmanager
async def _while_they_last(endpoints: Endpoints) -> AsyncIterator[None]:
    """End what is inside when the embedded servers end for good: without them it would wait for ever."""
    user = asyncio.current_task()

    async def end_user() -> None:
        await endpoints.lost.wait()
        if user:
            user.cancel()

    watch = asyncio.create_task(end_user())
    try:
        yield
    except BaseException as error:
        if endpoints.lost.is_set():
            raise ServiceUnavailable(
                "the embedded servers ended while they were needed",
                mend="Nothing accepted is lost: `qs resume` with the video's id goes on, `qs list` shows it",
            ) from error
        raise
    finally:
        watch.cancel()


async def _connect(settings: Settings, endpoints: Endpoints) -> Client:
    """A client of the server that Temporal's environment configuration names, else of the embedded one."""
    config = ClientConfig.load_client_connect_config() if settings.temporal_is_external else {}
    if endpoints.temporal_address:
        config["target_host"] = endpoints.temporal_address
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await Client.connect(**config, plugins=[PLUGIN], runtime=logging_runtime())
    except (RuntimeError, TimeoutError) as error:
        raise ServiceUnavailable(
            f"Temporal does not answer at {config.get('target_host')!r}",
            mend="Check TEMPORAL_ADDRESS, or unset it to use the embedded server",
        ) from error


def _hands(
    settings: Settings,
    models: ModelActivities,
    graph: Graph,
    library: Library,
    store: AssetStore,
    embedder: Embedder,
    local: LocalEmbedder,
    toolbox: Toolbox,
) -> Hands:
    book = PostgresBook(graph.database)
    manim = InstalledPackage(graph.database, local, manim_folder(), manim_version())
    manual = Manual(toolbox, store, manim)
    checks = CheckActivities(toolbox, store, manual)
    recall = RecallActivities(graph, library)
    render = RenderActivities(toolbox, store)
    film = FilmActivities(toolbox, store)
    experience = Experience.on(graph.database, embedder)
    record = RecordActivities(graph, book, library, experience, models.cooling)
    return Hands(
        control=[
            models.list_models,
            models.ask_model,
            models.write_offline,
            recall.recall_storyboards,
            recall.recall_scenes,
            recall.recall_scene,
            ExperienceActivities(experience).recall_hints,
            record.list_calls,
            record.record_video,
        ],
        render=[
            checks.check_storyboard,
            checks.check_scene,
            manual.find_manim,
            render.render_part,
            film.join_parts,
            film.merge_clips,
            film.take_poster,
        ],
        render_slots=settings.render_slots,
    )


def _metered(settings: Settings, chain: Chain, book: PostgresBook) -> Metered:
    return Metered(
        Provider(chain.keys).ask,
        book,
        tenant_budget_usd=settings.tenant_budget,
        free_limits=chain.openrouter.limits if chain.openrouter else usual_free_limits,
        key_marks=key_marks(chain.keys),
    )
