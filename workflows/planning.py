"""How a run gets its storyboard: from a person, from the first model that delivers, or offline."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.review import Checked, places_left, words_left
    from quantumsketch.agent.storyboarding import Drafted, write_storyboard
    from quantumsketch.checking import MathReport, Verdict
    from quantumsketch.storyboard import Beat, CheckedMathematics, Planned, Storyboard, VideoRequest, Wording
    from workflows.calls import call
    from workflows.chain import Chain, asking, present_chain
    from workflows.checks import check_storyboard, recalled_storyboards
    from workflows.jobs import OfflineDraft, OfflineJob
    from workflows.policies import Work

STORYBOARDS_ARE_CHECKED = "storyboards of people are checked"


async def plan(request: VideoRequest) -> Planned:
    """The storyboard of a run, who wrote it, and what that cost; raises ChainExhausted if nobody did."""
    if request.planned:
        return request.planned
    planned = await (_given(request.storyboard) if request.storyboard else _written(request))
    return planned.model_copy(
        update={
            "notes": [*request.notes, *planned.notes],
            "because": [*request.because, *planned.because],
        }
    )


async def _written(request: VideoRequest) -> Planned:
    chain = await present_chain()
    drafted = await write_storyboard(
        request.prompt,
        max_beats=request.max_beats,
        models=chain.models,
        ask=asking(chain, request, "storyboard"),
        offline=_offline if chain.offline else None,
        # the offline tier's own examples are checked by our tests
        check=check_storyboard if chain.models else _no_check,
        examples=await recalled_storyboards(request) if chain.models else [],
        wording=request.wording,
    )
    failed = dict.fromkeys(  # what two answers have in common is told once
        f"{attempt.model}: {attempt.ended}" for attempt in drafted.attempts if not attempt.succeeded
    )
    return Planned(
        storyboard=drafted.storyboard,
        storyboard_by=drafted.by,
        cost_usd=drafted.cost_usd,
        notes=[*failed, *drafted.notes, *_not_kept_to(request.wording, drafted, chain)],
        because=_kept_to(request.wording, drafted, chain),
        calls=drafted.calls,
        mathematics=_told(drafted.mathematics) if drafted.calls else None,
    )


def _kept_to(wording: Wording, drafted: Drafted, chain: Chain) -> list[str]:
    """Why the storyboard is worded as it is; the tier without a model words nothing for anybody."""
    if not _by_model(drafted, chain):
        return []
    return wording.reasons(broken=words_left(drafted.storyboard, wording.avoid))


def kept_in_the_end(planned: Planned, wording: Wording, shown: Sequence[Beat]) -> tuple[list[str], list[str]]:
    """Return what the plan was said to keep to and the film does, and which words are shown only by the film.

    `shown` are the beats as they came out: scenes written since, other visuals than those planned. What the
    plan itself says was noted with the plan, or is what a person wrote.
    """
    film = planned.storyboard.model_copy(update={"beats": [*shown]})
    left = words_left(film, wording.avoid)
    broken = {wording.because[word] for word in left if word in wording.because}
    known = places_left(planned.storyboard, left)
    notes = [f"left as it is: {line}" for line in places_left(film, left) if line not in known]
    return [line for line in planned.because if line not in broken], notes


def _not_kept_to(wording: Wording, drafted: Drafted, chain: Chain) -> list[str]:
    if wording.audience is None or _by_model(drafted, chain):
        return []
    return [f"not said for '{wording.audience}': that takes a model"]


def _by_model(drafted: Drafted, chain: Chain) -> bool:
    return any(model.id == drafted.by for model in chain.models)


async def _given(storyboard: Storyboard) -> Planned:
    """A person's storyboard: rendered as it is, with what the checks say of it beside it."""
    planned = Planned(storyboard=storyboard, storyboard_by="you", cost_usd=0.0)
    if not workflow.patched(STORYBOARDS_ARE_CHECKED):
        return planned
    checked = await check_storyboard(storyboard)
    wrong = [f"{each.place}: {each.message}" for each in checked.mathematics.of(Verdict.WRONG)]
    refused = [f"{each.place}: TeX refuses {each.tex!r}: {each.message}" for each in checked.formulas.refused]
    return planned.model_copy(
        update={"notes": [*wrong, *refused, *checked.notes], "mathematics": _told(checked.mathematics)}
    )


def _told(report: MathReport) -> CheckedMathematics:
    """A report of the mathematics as the video carries it."""

    def lines(verdict: Verdict) -> list[str]:
        return [f"{s.place}: {s.statement} ({s.message})" for s in report.of(verdict)]

    return CheckedMathematics(
        right=len(report.of(Verdict.RIGHT)),
        wrong=lines(Verdict.WRONG),
        unchecked=lines(Verdict.UNCHECKED),
    )


async def _no_check(_: Storyboard) -> Checked:
    return Checked()


async def _offline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    job = OfflineJob(prompt=prompt, max_beats=max_beats)
    draft = await call(Work.OFFLINE, "write_offline", job, OfflineDraft)
    return draft.storyboard, draft.by
