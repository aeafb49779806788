"""What a tenant's user prefers, at the door: applied before a run begins, taken from what they ask for.

A run's input then says exactly what is asked. A database that is away stops no video.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from quantumsketch import preferences
from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.films.preferences import PreferenceBook
from quantumsketch.preferences import Preference, Preferring
from quantumsketch.storyboard import Storyboard, VideoRequest

_LOG = logging.getLogger(__name__)


class Preferences:
    """The preferences of one tenant."""

    def __init__(self, book: PreferenceBook, tenant: str) -> None:
        self.book = book
        self.tenant = tenant

    async def known(self) -> Sequence[Preference]:
        """What is preferred now."""
        return preferences.held(await self.book.known(self.tenant))

    async def change(self, said: Preferring) -> Sequence[Preference]:
        """What is preferred once a person has said this."""
        return preferences.held(await self.book.change(self.tenant, said))

    async def applied(self, request: VideoRequest) -> VideoRequest:
        """The request with what it leaves open as it is preferred; what cannot be known is noted in it."""
        try:
            return preferences.applied(request, await self.known())
        except QuantumSketchError as error:
            note = f"made without your preferences: {error}"
            return request.model_copy(update={"notes": [*request.notes, note]})

    async def learn(self, video_id: str, request: VideoRequest) -> None:
        """Take from a request what it shows: options that were given, and what was edited of a plan."""
        with _lost_with_a_word("what was chosen"):
            await self.book.chosen(self.tenant, video_id, request.look)
        if request.storyboard:
            with _lost_with_a_word("what was edited of a plan"):
                await self.book.edited(self.tenant, video_id, request.storyboard)

    async def remember(self, storyboard: Storyboard) -> None:
        """Keep a plan, to be compared with what a person makes of it."""
        with _lost_with_a_word("a plan"):
            await self.book.planned(self.tenant, storyboard)


@contextmanager
def _lost_with_a_word(what: str) -> Iterator[None]:
    """A video needs nothing of what is learned beside it: that stops none."""
    try:
        yield
    except QuantumSketchError as error:
        _LOG.warning("%s is not remembered: %s", what, error)
