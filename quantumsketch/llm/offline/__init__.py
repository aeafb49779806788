"""The last tier of the chain: a storyboard without a model, from the shelf or from the prompt's own words.

Deterministic and without network. Meaning comes from the sentence vectors of the injected `embed`. Never adds
knowledge of its own: what is shown was written by hand beforehand, or by whoever wrote the prompt.
"""

from __future__ import annotations

from quantumsketch.llm.offline.matching import Embed, matching_example
from quantumsketch.llm.offline.outline import outline
from quantumsketch.storyboard import Storyboard

__all__ = ["Embed", "storyboard"]


def storyboard(prompt: str, max_beats: int, embed: Embed) -> tuple[Storyboard, str]:
    """Write a storyboard of at most `max_beats` beats for any prompt, and say where it comes from.

    The second value reads "offline: worked example 'pythagoras'" or "offline: outline of your text", and it
    tells when something was left out.
    """
    if example := matching_example(prompt, embed):
        whole = len(example.storyboard.beats)
        short = f", {max_beats} of {whole} beats" if max_beats < whole else ""
        return example.shortened(max_beats), f"offline: worked example {example.name!r}{short}"
    return outline(prompt, max_beats)
