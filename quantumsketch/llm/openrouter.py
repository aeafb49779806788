"""What OpenRouter lists, asked over HTTP: bounded in time and size, kept on disk for when it does not answer.

Asks nothing without a key, and never shows it. Knows nothing of chains and ranks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, ValidationError

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.llm.listing import ListedModel, Listing, listed_models, query_of_next_page

if TYPE_CHECKING:
    import httpx

USUAL_ADDRESS = "https://openrouter.ai/api/v1"
FRESH_FOR = timedelta(hours=6)
TRIED_AGAIN_AFTER = timedelta(minutes=5)
"""No sooner after a refresh that failed: no run is to wait for it again and again."""
TIMEOUT_S = 10.0
MOST_BYTES = 10_000_000
"""Many times what the list has now."""
MOST_PAGES = 10
FILE = "openrouter-models.json"

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Known:
    """What is known of OpenRouter's models at this moment."""

    listing: Listing | None
    """None: there was never one."""
    trouble: str = ""
    """Why it is not as new as it should be; empty if it is."""


class OpenRouter:
    """OpenRouter's lists at `base_url`, of which the last good one is kept in the folder `home`."""

    def __init__(
        self,
        home: Path,
        key: SecretStr,
        base_url: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        now: Clock = utc_now,
    ) -> None:
        self._file = home / FILE
        self._key = key
        self._base_url = (base_url or USUAL_ADDRESS).rstrip("/")
        self._timeout_s = timeout_s
        self._now = now
        self._asking = asyncio.Lock()
        self._known: Known | None = None
        self._tried_at: datetime | None = None

    async def known(self) -> Known:
        """The models: fetched if the kept list is older than six hours; if that fails, the kept one."""
        async with self._asking:  # whoever comes while it is fetched waits, instead of finding no list
            if self._known is None:
                self._known = Known(await asyncio.to_thread(self._kept))
            if self._is_due(self._known):
                self._known = await self._refreshed(self._known.listing)
            return self._known

    async def key(self) -> Any:
        """What is told of the key, as JSON. Raises ServiceUnavailable."""
        async with self._connected("key") as client:
            return await _page(client, "key")

    async def _models(self) -> list[ListedModel]:
        """All pages of the list or none: a model on a page that is missing would count as withdrawn."""
        models: list[ListedModel] = []
        page = "models"
        async with self._connected("models") as client:
            for _ in range(MOST_PAGES):
                answer = await _page(client, page)
                models += listed_models(answer)
                if not (query := query_of_next_page(answer)):
                    return models
                page = f"models?{query}"
        raise _unavailable("models", f"there are more than {MOST_PAGES} pages")

    @asynccontextmanager
    async def _connected(self, what: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client for requests that all together take no longer than the timeout; its errors become ours."""
        import httpx  # late: commands that ask nothing should not load it

        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                httpx.AsyncClient(
                    base_url=self._base_url, headers=headers, timeout=self._timeout_s
                ) as client,
            ):
                yield client
        except (TimeoutError, httpx.TimeoutException):
            raise _unavailable(what, f"no answer within {self._timeout_s:g} s") from None
        except UnicodeError:
            raise _unavailable(what, "the key has characters that no key has") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):  # their words may show the key
            raise _unavailable(what, "no connection") from None

    def _is_due(self, known: Known) -> bool:
        now = self._now()
        if self._tried_at and now - self._tried_at < TRIED_AGAIN_AFTER:
            return False
        return known.listing is None or now - known.listing.fetched_at > FRESH_FOR

    async def _refreshed(self, old: Listing | None) -> Known:
        self._tried_at = self._now()
        try:
            models = await self._models()
        except ServiceUnavailable as error:
            return Known(old, error.what)
        if not models:
            return Known(old, _unavailable("models", "no model is among them").what)
        listing = Listing(base_url=self._base_url, fetched_at=self._tried_at, models=models)
        await asyncio.to_thread(self._keep, listing)
        return Known(listing)

    def _kept(self) -> Listing | None:
        """The list on disk, unless it is damaged, from another address or from the future."""
        try:
            listing = Listing.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return None
        usable = listing.base_url == self._base_url and listing.fetched_at <= self._now()
        return listing if usable else None

    def _keep(self, listing: Listing) -> None:
        """Replace the list on disk, whole or not at all; where nothing can be written there is none."""
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f"{FILE}-", dir=self._file.parent)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(listing.model_dump_json())
                Path(name).replace(self._file)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


async def _page(client: httpx.AsyncClient, path: str) -> Any:
    what, content = path.partition("?")[0], bytearray()
    async with client.stream("GET", path) as response:
        if response.status_code != HTTPStatus.OK:
            raise _unavailable(what, f"it answered with {response.status_code}")
        async for block in response.aiter_bytes():
            content += block
            if len(content) > MOST_BYTES:
                raise _unavailable(what, f"it has more than {MOST_BYTES:,} bytes")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise _unavailable(what, "it is not JSON") from None


def _unavailable(path: str, reason: str) -> ServiceUnavailable:
    return ServiceUnavailable(f"OpenRouter's {path} could not be read: {reason}", mend="Check the network")
