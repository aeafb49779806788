"""What the versions of a scene teach: which faults count as one, and the least change that mended each."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from quantumsketch.agent.incidents import (
    change_between,
    complaint_of_render,
    complaints_of,
    incidents_of,
    redrawn,
    unverified,
)
from quantumsketch.checking import Fault, SceneCheck
from quantumsketch.incidents import LONGEST_ERROR, LONGEST_SIDE, MOST_LINES, Incident
from quantumsketch.storyboard import MOST_BEATS
from quantumsketch.video import Finding

SCENE = """\
class Beat(Scene):
    def construct(self):
        one = Text("one")
        other = Text("other")
        self.play(Write(one))
        self.play(Write(other))
        self.wait(1)
"""
APART = SCENE.replace(
    "        self.play(Write(other))", "        other.next_to(one, DOWN)\n        self.play(Write(other))"
)


def overlap(one: str, other: str, by: float = 0.5) -> Finding:
    return Finding(
        rule="overlap",
        objects=[f"text {one!r}", f"text {other!r}"],
        at_s=2.0,
        message=f"text {one!r} and text {other!r} overlap by {by:.2f} x 0.20 units: move one of them",
    )


def unknown(name: str, line: int = 3) -> Fault:
    message = f"there is nothing named {name!r} in this Manim or in the code"
    return Fault(rule="unknown-name", message=message, line=line)


def found(code: str, *faults: Fault | Finding) -> SceneCheck:
    return SceneCheck(
        code=code,
        faults=[fault for fault in faults if isinstance(fault, Fault)],
        findings=[fault for fault in faults if isinstance(fault, Finding)],
    )


def errors(check: SceneCheck) -> list[str]:
    return [complaint.error for complaint in complaints_of(check)]


def learned(*checks: SceneCheck, hints: Sequence[str] = (), usable: bool = True) -> list[Incident]:
    trail = [("a/b", check) for check in checks]
    told = {error: list(hints) for check in checks for error in errors(check)}
    return incidents_of(trail, told if hints else {}, usable=usable)


def test_the_same_fault_of_layout_is_one_error_whatever_stands_on_screen() -> None:
    one = errors(found(SCENE, overlap("one", "other")))
    other = errors(found("x = 1", overlap("a^2", "the sum of it all", by=1.25)))
    assert one == other == ["overlap: a text and a text overlap by # x # units"]
    assert errors(found(SCENE, overlap("a", "b"), overlap("c", "d"))) == one


def test_a_text_that_one_line_crosses_is_the_same_error_as_one_that_many_do() -> None:
    grid = ["the white Line in the middle", "the blue Line at the left"]
    crossed = [
        Finding(
            rule="overlap",
            objects=["text 'x'", *lines],
            at_s=0,
            message=f"the outline of {', '.join(lines)}{more} crosses text 'x': move the text off the line",
        )
        for lines, more in ((grid[:1], ""), (grid, ""), (grid, " and 7 more"))
    ]
    assert [errors(found(SCENE, finding)) for finding in crossed] == [
        ["overlap: the outline of a shape crosses a text"]
    ] * 3


def test_a_text_without_words_is_a_text_too() -> None:
    finding = overlap("x", "y").model_copy(
        update={"objects": ["text 'x'", "text"], "message": "text 'x' and text overlap by 1 x 2 units: move"}
    )
    assert errors(found(SCENE, finding)) == errors(found(SCENE, overlap("one", "other")))


def test_what_a_scene_says_of_itself_without_end_is_cut_short() -> None:
    much = [unknown(f"name_{chr(97 + n % 26)}{'x' * (n // 26)}" * 900) for n in range(99)]
    findings = [overlap("a" * n, "b").model_copy(update={"objects": ["o"] * 9_999}) for n in range(99)]
    complaints = complaints_of(found(SCENE, *much, *findings))
    assert 1 < len(complaints) <= 12
    assert max(len(complaint.message) for complaint in complaints) <= 500
    assert len(complaint_of_render("x" * 99_999).message) <= 500
    letters = [chr(97 + n) * 3 for n in range(26)]
    assert len(learned(*(found(SCENE, unknown(one)) for one in letters), found(APART))) == 12


def test_what_all_beats_of_a_video_have_met_fits_into_what_is_passed_on() -> None:
    long = "é" * 390
    lines = "\n".join(f"{long}{number}" for number in range(2))
    faulty, mended = f"{lines}\n{SCENE}", f"{lines.replace('é', 'ü')}\n{SCENE}"
    faults = [Fault(rule=f"{chr(97 + n)}-rule", message="é" * 500, line=1) for n in range(12)]
    kept = learned(found(faulty, *faults), found(mended))
    assert kept[0].repair
    assert 2 < len(kept) < 12
    assert MOST_BEATS * len(TypeAdapter(list[Incident]).dump_json(kept)) < 500_000


def test_a_name_that_manim_lacks_is_part_of_the_error_one_of_the_code_is_not() -> None:
    assert errors(found(SCENE, unknown("ShowCreation"))) != errors(found(SCENE, unknown("FadeInFrom")))
    late = "{!r} is used before it gets a value"
    errors_of = [
        errors(found(f"{code}\n", Fault(rule="unknown-name", message=late.format(name))))
        for code, name in (
            ("square = 1", "square"),
            ("    one, circle = f()", "circle"),
            ("for dot in dots: pass", "dot"),
            ("lambda t, u: u", "u"),
            ("self.line = 3", "line"),
        )
    ]
    assert errors_of == [["unknown-name: '…' is used before it gets a value"]] * 5
    assert "'dot'" in errors(found("dot == 1", Fault(rule="r", message=late.format("dot"))))[0]


def test_the_lines_that_mended_a_fault_are_told_and_no_others() -> None:
    [incident] = learned(found(SCENE, overlap("one", "other")), found(APART))
    assert incident.mended
    assert incident.repair
    assert incident.repair.by == "a/b"
    assert incident.repair.before == "self.play(Write(one))"
    assert incident.repair.after == "self.play(Write(one))\nother.next_to(one, DOWN)"


def test_of_two_changes_a_fault_with_a_line_learns_the_one_at_its_line() -> None:
    faulty = APART.replace('Text("one")', 'Txt("one")')
    [incident] = learned(found(faulty, unknown("Txt", 3)), found(SCENE))
    assert incident.repair
    assert (incident.repair.before, incident.repair.after) == ('one = Txt("one")', 'one = Text("one")')
    [elsewhere] = learned(found(faulty, unknown("Txt", 1)), found(SCENE))
    assert elsewhere.repair
    assert "…" in elsewhere.repair.before


def test_a_fault_that_a_crash_hides_counts_as_gone_only_when_the_scene_ends() -> None:
    crashing = APART.replace("self.wait(1)", "self.wait(one)")
    checks = found(SCENE, overlap("one", "other")), found(crashing, unknown("x", 8)), found(APART)
    overlapped, crashed = learned(*checks)
    assert overlapped.repair
    assert "next_to" in overlapped.repair.after
    assert "self.wait(one)" not in overlapped.repair.after
    assert crashed.repair
    assert crashed.repair.before == "self.wait(one)"


def test_a_fault_that_comes_back_is_mended_by_what_came_last() -> None:
    back = APART.replace("next_to(one, DOWN)", "move_to(one)")
    above = APART.replace("DOWN", "UP")
    checks = [found(SCENE, overlap("a", "b")), found(APART), found(back, overlap("a", "b")), found(above)]
    [incident] = learned(*checks)
    assert incident.repair
    assert (incident.repair.before, incident.repair.after) == (
        "other.move_to(one)", "other.next_to(one, UP)",
    )  # fmt: skip


def test_of_a_scene_that_is_not_used_nothing_has_helped() -> None:
    faulty, whole = found(SCENE, overlap("one", "other")), found(APART)
    assert learned(faulty, whole)[0].mended, "the control"
    [unused] = learned(faulty, whole, usable=False)
    [left] = learned(whole, faulty)
    [unverified_one] = unverified(learned(faulty, whole))
    for incident in (unused, left, unverified_one):
        assert (incident.mended, incident.repair) == (False, None)


def test_what_was_told_of_a_fault_stays_with_it() -> None:
    [incident] = learned(found(SCENE, overlap("a", "b")), found(APART), hints=["r1", "r2"])
    assert incident.hints == ["r1", "r2"]
    assert unverified([incident])[0].hints == ["r1", "r2"]


def test_a_scene_that_is_written_anew_is_mended_but_teaches_no_lines() -> None:
    anew = "".join(f"line_{n} = {n}\n" for n in range(2 * MOST_LINES))
    [incident] = learned(found(SCENE, overlap("a", "b")), found(anew))
    assert (incident.mended, incident.repair) == (True, None)


def test_a_visual_that_took_the_place_of_a_failed_one_tells_both_kinds() -> None:
    complaint = complaint_of_render("the render took longer than 30 s", slow=True)
    assert complaint.error == "slow: the render took longer than # s"
    assert complaint_of_render("it failed in line 3").error == "render: it failed in line #"
    failed = Incident(complaint=complaint, visual="plot")
    in_code = Incident(complaint=complaint)
    [shown, untouched] = redrawn([failed, in_code], "bullets", "a/b")
    assert shown.mended
    assert shown.repair
    assert (shown.repair.before, shown.repair.after, shown.repair.by) == ("plot", "bullets", "a/b")
    assert untouched == in_code


lines = st.lists(st.sampled_from(["a", "    b", "\tc", "", "…", "x" * 300]), max_size=120)


@given(lines, lines, st.none() | st.integers(1, 130))
def test_any_two_sources_give_a_bounded_change_or_none(
    one: list[str], other: list[str], line: int | None
) -> None:
    before, after = "\n".join(one), "\n".join(other)
    sides = change_between(before, after, line)
    for side in sides or ():
        assert len(side) <= LONGEST_SIDE
        assert len(side.splitlines()) <= MOST_LINES
    if one == other:
        assert sides is None


@given(st.text(max_size=300), st.text(max_size=900), st.text(max_size=40))
def test_any_words_of_a_check_become_a_bounded_error(code: str, message: str, name: str) -> None:
    finding = Finding(rule="overlap", objects=[name], at_s=0, message=message)
    for complaint in complaints_of(found(code, Fault(rule="error", message=message), finding)):
        assert 0 < len(complaint.error) <= LONGEST_ERROR
        assert complaint.rule in ("error", "overlap")


def test_sources_that_repeat_themselves_without_end_take_no_time() -> None:
    one = "\n".join(["x = 1", "y = 2"] * 4_500)
    other = "\n".join(["y = 2", "x = 1"] * 4_500)
    assert change_between(one, other) is None
    assert errors(found("a = " * 4_500, unknown("a"))) == errors(found("a, " * 6_000 + "b = 1", unknown("a")))
