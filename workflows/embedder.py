"""Which embedder this installation has: where the memory and the models meet."""

from __future__ import annotations

from quantumsketch.llm.embedding import HostedEmbedder, embedding_model
from quantumsketch.memory.embedding import Embedder, LocalEmbedder
from quantumsketch.settings import Settings


def embedder_of(settings: Settings, local: LocalEmbedder | None = None) -> Embedder:
    """Return what makes the vectors of the memory: `local`, or the hosted one that QS_EMBEDDER names.

    Nothing is loaded and nobody asked yet. Raises BadInput.
    """
    way = embedding_model(settings)
    if way is None:
        return local or LocalEmbedder()
    return HostedEmbedder(way, settings.provider_keys)
