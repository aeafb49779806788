"""A question that nobody here can answer: said plainly and in a friendly way, with no invented facts."""

from __future__ import annotations

import re

from quantumsketch.llm.offline.outline.blocks import Prose, blocks
from quantumsketch.llm.offline.outline.functions import functions_in
from quantumsketch.llm.offline.outline.quantities import listed_quantities
from quantumsketch.llm.offline.outline.wording import fitted, said, shown
from quantumsketch.narration import words
from quantumsketch.outlines import NO_ANSWER
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints, TitleCard

_ASKING = re.compile(
    r"(please |can you |could you |i want |i would like |make |create |give me |help )?"
    r"(an? |to )?"
    r"(explain|describe|show|teach|tell|prove|derive|illustrate|introduc\w+|summari[sz]e|compare|video"
    r"|learn|understand|what|whats|what's|why|how|when|where|who|which|is|are|does|do|can)\b",
    re.IGNORECASE,
)
_LONGEST_REQUEST = 40
_LONGEST_TOPIC = 8


def is_bare_request(text: str) -> bool:
    """Tell whether `text` only asks or names a topic: one short passage without material of its own."""
    found = blocks(text)
    if not found:
        return True
    if len(found) > 1 or not isinstance(found[0], Prose) or functions_in(text) or listed_quantities(text):
        return False
    count = len(words(text))
    asks = text.rstrip().endswith(("?", "？")) or _ASKING.match(text) is not None
    names = count <= _LONGEST_TOPIC and not text.rstrip().endswith((".", "!", "。"))
    return len(text) <= 400 and (names or (asks and count <= _LONGEST_REQUEST))


def unanswered(text: str, max_beats: int) -> Storyboard:
    """Show the question, and say what can be done about it."""
    asked = " ".join(shown(text).split()) or "Your text has nothing to show"
    title = fitted(asked, 80)
    question = Beat(title=title, narration=fitted(said(text), 400) or asked, visual=TitleCard(heading=title))
    answer = Beat(
        title="Not without your help",
        narration=(
            "This question deserves a real answer, and nobody here can give one at the moment."
            " No language model is connected, and none of our worked examples fits. So nothing was made up."
            " Add a model key and ask again. Or paste notes of your own, and the video will be made of them."
        ),
        visual=BulletPoints(
            items=[
                Bullet(text="No language model is connected", cue="No language model"),
                Bullet(text="None of the worked examples fits", cue="none of our worked"),
                Bullet(text="Add a model key and ask again", cue="Add a model key"),
                Bullet(text="Or paste notes: headings, lists, formulas, tables", cue="Or paste notes"),
            ]
        ),
    )
    beats = [question, answer] if max_beats > 1 else [answer.model_copy(update={"title": title})]
    return Storyboard(title=title, summary=f"{fitted(asked, 200)} {NO_ANSWER}", beats=beats)
