"""By what one tells a storyboard that the tier without a model made of a prompt's own words. No I/O."""

from __future__ import annotations

from quantumsketch.storyboard import Storyboard

OUTLINE = "offline: outline of your text"
"""Who wrote it; more may follow."""
NO_ANSWER = "(a question without an answer)"
"""The end of the summary of one that shows a question, and says that nobody here can answer it."""


def is_outline(by: str) -> bool:
    """Whether a storyboard by `by` is such an outline: nobody planned it."""
    return by.startswith(OUTLINE)


def has_no_answer(by: str, storyboard: Storyboard) -> bool:
    """Whether `storyboard`, by `by`, only shows a question."""
    return is_outline(by) and storyboard.summary.endswith(NO_ANSWER)
