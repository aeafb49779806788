"""From the idea of a scene to code that passes the check: a model writes, is complained to, and mends.

Pure: every verb is injected, so the same loop runs in a workflow, in a test and in another product.
Deterministic, and of asyncio it uses only `await`. Runs no code: the check does, wherever that is safe.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.budget import BeatBudget, Spent
from quantumsketch.agent.calls import RecordedAsk, ended_by
from quantumsketch.agent.complaints import scene_complaints
from quantumsketch.agent.hints import MOST_ASKED_FOR, AskForHints, bounded, no_hints, told, with_hints
from quantumsketch.agent.incidents import complaints_of, incidents_of
from quantumsketch.agent.review import words_shown
from quantumsketch.agent.scene_code import code_in
from quantumsketch.agent.scene_prompts import Canvas, FaultyScene, scene_messages
from quantumsketch.agent.scene_versions import Version
from quantumsketch.agent.toolset import Toolset, Verb, tool_specs
from quantumsketch.checking import Fault, SceneCheck
from quantumsketch.errors import ModelFailed, QuantumSketchError
from quantumsketch.incidents import Hint, Incident
from quantumsketch.llm.types import Ask, Message, ModelEntry, Question
from quantumsketch.storyboard import Beat
from quantumsketch.usage import ModelCall
from quantumsketch.video import Outcome
from quantumsketch.visuals import LONGEST_CODE, ManimCode

CALLS_KEPT = 1
"""Of the beat's budget, for a simpler visual should no scene come of it."""
CODELESS_ANSWERS = 2
"""After as many in a row a model is not asked again."""
_IF_FINISHED = "If that is the finished scene, answer DONE: it is taken as it is. Otherwise go on."


@dataclass(frozen=True)
class SceneVerbs:
    """What the writing of a scene can do; each is one step of whoever injects it."""

    ask: Ask
    check: Callable[[Beat], Awaitable[SceneCheck]]
    find_manim: Verb
    recall: Verb
    hints: AskForHints = no_hints


class Written(BaseModel):
    """How the writing of a scene came out; told as honestly if it did not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beat: Beat
    """With the code that passed; if none did, with the best there was."""
    by: str
    """Who wrote that code: a model's id, or the author of the storyboard."""
    outcome: Outcome | None
    """Planned: the first answer passed. Repaired: a model was asked again. None: not to be rendered."""
    ended: str
    """Why the loop ended, in one line."""
    first_check_passed: bool
    checks: int
    mended: list[str]
    """What the check mended by itself in the code that is in the beat."""
    complaints: list[str]
    """Everything that is wrong with the versions that are not used, in order."""
    notes: list[str] = []
    """Faults of layout that were left in a person's code."""
    words_left: list[str] = []
    """Words to avoid that the code shows nevertheless."""
    incidents: list[Incident] = []
    """What each kind of fault came to, those included that a model found by trying."""
    calls: list[ModelCall]

    @property
    def ready(self) -> bool:
        """Whether the beat may be rendered."""
        return self.outcome is not None


async def write_scene(
    beat: Beat,
    canvas: Canvas,
    *,
    author: str,
    models: Sequence[ModelEntry],
    verbs: SceneVerbs,
    budget: BeatBudget,
    beat_id: str | None = None,
    example: Beat | None = None,
    avoid: Sequence[str] = (),
) -> Written:
    """Write, or check and mend, the code of a beat whose visual is Manim code.

    `author` wrote the storyboard; `example` has a scene to learn from. A model's scene that shows a word to
    `avoid` is sent back, and used if none without it comes. Raises ValueError if the visual is of another
    kind.
    """
    if not isinstance(beat.visual, ManimCode):
        raise ValueError(
            f"a visual of kind {beat.visual.kind!r} is drawn by the kit: no code is written for it"
        )
    ask = RecordedAsk(verbs.ask, "scene", beat_id, budget, CALLS_KEPT)
    writing = _Writing(beat, canvas, author, verbs, budget, ask, example, avoid)
    try:
        ended = await writing.until_it_passes(models)
    except Spent as spent:
        ended = str(spent)
    except QuantumSketchError as failure:
        ended = f"the scene could not be checked: {failure}"
    return writing.result(ended)


@dataclass
class _Writing:
    """The writing of one scene."""

    beat: Beat
    canvas: Canvas
    author: str
    verbs: SceneVerbs
    budget: BeatBudget
    ask: RecordedAsk
    example: Beat | None
    avoid: Sequence[str]
    versions: list[Version] = field(default_factory=list)
    """What was given or answered, in order; not what was only tried by a tool."""
    checked: dict[str, SceneCheck] = field(default_factory=dict)
    """Every check by its source: none is made twice."""
    trail: list[tuple[str, SceneCheck]] = field(default_factory=list)
    """What was given, answered or tried, in order, and by whom."""
    hinted: dict[str, list[str]] = field(default_factory=dict)
    """The names of the repairs that were told, by error."""
    answers: int = 0
    checks: int = 0
    first_check_passed: bool = False
    tried: str | None = None
    """The source that passed last when the model itself checked it."""

    async def until_it_passes(self, models: Sequence[ModelEntry]) -> str:
        """Go on until there is a version to use, or no way to one; returns why it ended."""
        visual = self.beat.visual
        if isinstance(visual, ManimCode) and visual.code is not None:
            self.answers += 1
            await self._take(visual.code, self.author)
            if self.versions[-1].is_finished:
                return "the code that was given passes"
        failures: list[str] = []
        for model in [entry for entry in models if entry.reachable]:
            try:
                return await self._by(model)
            except ModelFailed as failure:
                failures.append(f"{model.id}: {ended_by(failure)}")
        return "; ".join(failures) or "no model can be asked to write it: set the key of a provider"

    async def _by(self, model: ModelEntry) -> str:
        """One model's answers, until one is usable or the same complaint comes twice; raises ModelFailed."""
        codeless = 0
        while codeless < CODELESS_ANSWERS:
            code = await self._answer(model, codeless > 0)
            self.answers += 1
            if code is None:
                codeless += 1
                continue
            codeless = 0
            await self._take(code, model.id)
            if self.versions[-1].is_finished:
                return "it passes"
            if self._says_the_same_twice():
                return "the same complaint came twice in a row"
        raise ModelFailed(f"{codeless} answers in a row held no scene")

    async def _answer(self, model: ModelEntry, codeless: bool) -> str | None:
        """The code that the model answers with, after as many turns with tools as it may have."""
        self.tried = None
        messages = await self._question(codeless)
        tools = Toolset(self.verbs.find_manim, partial(self._try, model.id), self.verbs.recall)
        for turns_left in range(self.budget.tool_turns_per_answer, -1, -1):
            try:
                answer = await self.ask(model, Question(messages=messages, tools=tool_specs()))
            except (ModelFailed, Spent):
                if self.tried is not None:
                    break  # it has been written, and it passes
                raise
            if not answer.tool_calls:
                return code_in(answer.text) or self.tried
            if not turns_left:
                break
            spoken = Message(role="assistant", content=answer.text, tool_calls=answer.tool_calls)
            last = turns_left == 1 or not self.budget.allows_calls(2, CALLS_KEPT)
            messages = [*messages, spoken, *await tools.answer(answer.tool_calls, last=last)]
        return self.tried

    async def _question(self, codeless: bool) -> list[Message]:
        """The scene is asked for, or what is wrong with the last version, and what is remembered of that."""
        asking = partial(scene_messages, self.beat, self.canvas, codeless=codeless, avoid=self.avoid)
        if not self.versions:
            return asking(example=self.example)
        last = self.versions[-1]
        question = asking(faulty=FaultyScene(code=last.check.code, complaint=last.complaint))
        return with_hints(question, await self._hints(last.check))

    async def _hints(self, check: SceneCheck) -> list[Hint]:
        hints = bounded(await self.verbs.hints(complaints_of(check)[:MOST_ASKED_FOR]))
        for hint in hints:
            names = self.hinted.setdefault(hint.error, [])
            names += [hint.repair] if hint.repair and hint.repair not in names else []
        return hints

    async def _try(self, by: str, code: str) -> str:
        if self.budget.checks_left <= 1 and code.strip() not in self.checked:
            return "no check is left for you, the last one is for your answer: answer with the whole code now"
        check = await self._check(code, by)
        version = self._version(check, by)
        if check.passes and not (version.avoided and self.tried):
            self.tried = code
        if not check.passes or version.avoided:
            hints = await self._hints(check)
            return "\n\n".join([version.complaint, *([told(hints)] if hints else [])])
        mended = "".join(f"\n- mended by itself: {line}" for line in check.mended)
        return f"It passes: {check.animations} animations, {check.duration_s:.1f} s.{mended}\n{_IF_FINISHED}"

    async def _take(self, code: str, by: str) -> None:
        """Check what was given or answered, and keep it; raises Spent."""
        self.versions.append(self._version(await self._check(code, by), by))

    def _version(self, check: SceneCheck, by: str) -> Version:
        """What was checked, held against the words to avoid by the rule that holds for the finished film."""
        return Version(by, check, words_shown(ManimCode(code=check.code), self.avoid) if self.avoid else [])

    async def _check(self, code: str, by: str) -> SceneCheck:
        """What the check says of a source; raises Spent."""
        known = self.checked.get(code.strip())
        check = await self._new_check(code) if known is None else known
        self.trail.append((by, check))
        return check

    async def _new_check(self, code: str) -> SceneCheck:
        self.budget.take_check()
        check = _within_bounds(code, await self.verbs.check(_with_code(self.beat, code)))
        self.checks += 1
        self.first_check_passed = self.first_check_passed or (self.checks == 1 and check.passes)
        self.checked[code.strip()] = check
        if check.passes:
            self.checked.setdefault(check.code.strip(), check)
        return check

    def _says_the_same_twice(self) -> bool:
        return len(self.versions) > 1 and self.versions[-1].is_as_bad_as(self.versions[-2])

    def result(self, ended: str) -> Written:
        """What came of it, with the best version there is."""
        best = min(self.versions, key=lambda version: (not version.is_usable, version.weight), default=None)
        usable = best is not None and best.is_usable
        used = best if usable else None
        failed = [each for each in self.versions if not (each.is_finished or each is used)]
        return Written(
            beat=_with_code(self.beat, best.check.code) if best else self.beat,
            by=best.by if best else self.author,
            outcome=(Outcome.PLANNED if self.answers == 1 else Outcome.REPAIRED) if usable else None,
            ended=ended,
            first_check_passed=self.first_check_passed,
            checks=self.checks,
            mended=best.check.mended if best else [],
            complaints=[line for each in failed for line in each.complaints],
            notes=scene_complaints(used.check) if used else [],
            words_left=used.avoided if used else [],
            incidents=incidents_of(self.trail, self.hinted, usable=usable),
            calls=self.ask.calls,
        )


def _within_bounds(code: str, check: SceneCheck) -> SceneCheck:
    """The check of `code`; if no visual can hold what was made of it, the code stays as it was written."""
    if 0 < len(check.code) <= LONGEST_CODE:
        return check
    what = "nothing is left of it" if not check.code else f"it has more than {LONGEST_CODE:,} characters"
    fault = Fault(rule="length", message=f"once the code is mended, {what}: write the whole scene, shorter")
    return check.model_copy(update={"code": code, "mended": [], "faults": [*check.faults, fault]})


def _with_code(beat: Beat, code: str) -> Beat:
    idea = beat.visual.idea if isinstance(beat.visual, ManimCode) else None
    return beat.model_copy(update={"visual": ManimCode(idea=idea, code=code)})
