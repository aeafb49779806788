"""Reads a question as a model should: what stands in a fence is data, the rest is the question."""

from __future__ import annotations


def outside_the_fences(text: str) -> str:
    """What stands outside the data, as one reads who trusts the first tag that closes."""
    outside, rest = "", text
    while "\n<data-" in rest:
        before, _, inside = rest.partition("\n<data-")
        tag = inside.partition(">")[0]
        outside += before
        rest = inside.partition(f"\n</data-{tag}>")[2]
    return outside + rest
