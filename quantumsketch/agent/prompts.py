"""What the models are told when they plan a video or mend a beat. Words only.

Whatever a person, a model or a tool wrote stands in the question as data, never in the instructions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from quantumsketch.agent.catalogue import catalogue
from quantumsketch.agent.fencing import fenced
from quantumsketch.agent.worked_beats import ANIMATION, PICTURE
from quantumsketch.expression import FUNCTIONS
from quantumsketch.llm.types import Message
from quantumsketch.storyboard import USUAL_WORDING, Beat, Storyboard, Wording

MOST_EXAMPLES = 2
_USUAL_BEATS = 8
_BEATS_OF_AN_EXAMPLE = 3
_LONGEST_EXAMPLE = 2500
_LONGEST_COMPLAINT = 4000

_ROLE = """\
You plan short explainer videos in the manner of the best mathematics channels. Everything you state is
right: compute each formula, number, coordinate and date before you write it; leave out what is not sure.

A video is a list of beats. A beat has a title (at most 80 characters), a narration and one visual.
"""

_STORY = """
The story
- The first beat asks the question that the video answers, by something concrete or surprising; no greeting.
- Then one thought a beat, needing only what came before it; an example with numbers before the general case.
- The last beat answers the first one, in one sentence to take home. No beat repeats another.

All words, spoken or on screen, are in the language of the request. The narration is spoken to a class: 25 to
60 words, whole sentences, no markup and no TeX (say "a squared", not "$a^2$"). It talks about what is on
screen while it is there.
"""

_VISUALS = """
The visual carries the thought
- Prefer a picture (geometry, plot, graph, bars, timeline, number_line) to words; bullets only where nothing
  can be drawn, title only for an opening or a close.
- Texts on screen are short, far below their limits: the narration says the rest. Every text field takes
  formulas between dollar signs; a field `tex` is TeX without dollar signs. In JSON each backslash is written
  twice: "\\\\frac{1}{2}".
- `cue` is a phrase copied word for word from this beat's narration: the part appears as it is spoken. Give
  the parts cues in the order of the narration; no part without words about it.
- derivation: every line is checked by computer algebra. One equation a step, and each follows from the one
  before, or goes on with "= …"; words belong into `note`.
- plot: an `expression` knows x, numbers, + - * / **, pi, e, tau and {functions}; write every product with *.
  Points lie exactly on their curve; choose the ranges so that what matters fills the picture; no pole inside.
- geometry: compute the coordinates, so that lengths, right angles and labels agree with each other; hide
  auxiliary points with "show": false; at most about eight labels.
- graph: 4 to 9 nodes are legible; each step of `path` is an edge. number_line: marks at least a twelfth of
  the line apart. table: cells of a few characters. code: complete, correct, at most 14 lines. bars: one unit.
"""

_ANIMATIONS = """\
- manim: only for a movement that is itself the thought (unrolling, sweeping, growing, transforming) and that
  no other kind shows. Its idea names the few objects with sizes, places and numbers, then what moves, in the
  order of the narration, and what is gone before the next appears. At most seven objects at a time; flat, no
  pictures, sounds or camera moves. At most every third beat.
"""

_KINDS = """
The kinds of visual ("?" marks what may be left out; a limit on text counts characters):
{catalogue}
"""

_WORKED = """
Two beats as they should be:
{picture}
{animation}"""


def storyboard_messages(
    prompt: str,
    max_beats: int,
    examples: Sequence[Storyboard] = (),
    wording: Wording = USUAL_WORDING,
) -> list[Message]:
    """The question that asks for a whole storyboard; of `examples` the first two are shown, shortened."""
    task = (
        f"Write the storyboard of a video about the subject below: a title, a summary of one or two sentences"
        f" (at most 400 characters) and {_beats(max_beats)}. Answer with one JSON object and nothing else:"
        ' {"title": …, "summary": …, "beats": [{"title": …, "narration": …, "visual": {"kind": …, …}}, …]}'
    )
    recalled = [
        fenced(_excerpt(example), "part of a storyboard that was made before: an example of the form only")
        for example in examples[:MOST_EXAMPLES]
    ]
    subject = fenced(prompt, "the subject matter of the video, as somebody asked for it")
    parts = [task, *recalled, *_wished(wording), subject]
    return [
        Message(role="system", content=_planning()),
        Message(role="user", content="\n\n".join(parts)),
    ]


def repair_messages(beat: Beat, complaint: str, avoid: Sequence[str] = ()) -> list[Message]:
    """The question that asks for another visual, of the kinds drawn by the kit, for a beat that failed."""
    animated = beat.visual.kind == "manim"
    how = (
        "Its animation could not be made. Show the same thought as one still picture instead"
        if animated
        else "Its visual could not be used. Write one that can: mend what the complaint names, or choose a"
        " simpler kind"
    )
    task = (
        f"Below is one beat of a video. {how}, for the same narration. Answer with one JSON object"
        ' and nothing else: {"visual": {"kind": …, …}}'
    )
    parts = [
        task,
        fenced(as_json(beat), "the beat"),
        fenced(complaint[:_LONGEST_COMPLAINT], "the complaint about its visual"),
        *_without(avoid),
    ]
    return [Message(role="system", content=_mending()), Message(role="user", content="\n\n".join(parts))]


def misfit_messages(answer: str, complaint: str) -> list[Message]:
    """The turns that hand back an answer that is no JSON object of the kind that was asked for."""
    told = fenced(complaint[:_LONGEST_COMPLAINT], "what a check says of your answer")
    again = "Answer again with the whole JSON object, mended."
    return [Message(role="assistant", content=answer), Message(role="user", content=f"{told}\n\n{again}")]


def revision_messages(storyboard: Storyboard, complaints: Sequence[str]) -> list[Message]:
    """The turns that hand a storyboard back with what is wrong in it, and ask for the beats that change."""
    told = "\n".join(f"- {complaint}" for complaint in complaints)[:_LONGEST_COMPLAINT]
    again = (
        "Mend these beats: compute anew what is called wrong. Leave the others as they are. Answer with one"
        ' JSON object that holds only the beats that change, each whole: {"beats": [{"number": …, "beat":'
        ' {"title": …, "narration": …, "visual": {…}}}, …]}. Numbers count from 1; null leaves a beat out.'
        ' Beside "beats" stand "title" and "summary" of the video, if they are called wrong.'
    )
    return [
        Message(role="assistant", content=as_json(storyboard)),
        Message(role="user", content=f"{fenced(told, 'what a check says of your storyboard')}\n\n{again}"),
    ]


def as_json(noun: BaseModel) -> str:
    """The noun as compact JSON, without what is left out or empty."""
    return json.dumps(_filled(noun.model_dump(mode="json")), ensure_ascii=False)


@cache
def _planning() -> str:
    kinds = _KINDS.replace("{catalogue}", catalogue(animations=True))
    worked = _WORKED.replace("{picture}", as_json(PICTURE)).replace("{animation}", as_json(ANIMATION))
    return "".join([_ROLE, _STORY, _visuals(), _ANIMATIONS, kinds, worked])


@cache
def _mending() -> str:
    return "".join([_ROLE, _visuals(), _KINDS.replace("{catalogue}", catalogue(animations=False))])


def _visuals() -> str:
    # replaced by name: the text holds braces of TeX
    return _VISUALS.replace("{functions}", ", ".join(FUNCTIONS))


def _beats(max_beats: int) -> str:
    if max_beats == 1:
        return "exactly one beat"
    usual = " (five to eight are usual)" if max_beats > _USUAL_BEATS else ""
    return f"at most {max_beats} beats, as few as the subject needs{usual}"


def _wished(wording: Wording) -> list[str]:
    wished = []
    if wording.audience:
        wished.append(fenced(wording.audience, "whom the video is for: choose words and examples for them"))
    return [*wished, *_without(wording.avoid)]


def _without(avoid: Sequence[str]) -> list[str]:
    words = (
        "words, one a line, that nothing may say or show, no title, narration, summary or visual: use others"
    )
    return [fenced("\n".join(avoid), words)] if avoid else []


def _excerpt(example: Storyboard) -> str:
    beats = [json.loads(as_json(beat)) for beat in example.beats[:_BEATS_OF_AN_EXAMPLE]]
    shown = {"title": example.title, "summary": example.summary, "beats": beats}
    return json.dumps(shown, ensure_ascii=False)[:_LONGEST_EXAMPLE]


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item is not None and item != []}
    return [_filled(item) for item in value] if isinstance(value, list) else value
