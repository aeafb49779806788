"""The pure parts of the check: excerpts, pace, endings, the clock, TeX's complaints."""

from __future__ import annotations

import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.narration import beat_seconds
from quantumsketch.time_limit import TimeIsUp, at_most
from quantumsketch.tools.tool import Ended, Ending
from renderers.manim.checking.excerpt import excerpt, while_around
from renderers.manim.checking.pace import judge_pace
from renderers.manim.tools import fault_of
from renderers.manim.writing.complaints import complaint

CODE = """\
class A(Scene):
    def part(self):
        return VGroup(
            Text("a"),
            Text("b"),
        )

    def construct(self):
        for n in range(3):
            while n:
                self.wait(1)
"""


@pytest.mark.parametrize(
    ("line", "numbers"),
    [(4, [2, 3, 4, 5, 6]), (8, [8]), (9, [9]), (11, [11]), (1, [1]), (7, [7]), (0, []), (99, []), (None, [])],
)
def test_an_excerpt_is_the_statement_and_the_header_of_its_function(
    line: int | None, numbers: list[int]
) -> None:
    lines = excerpt(CODE, line).splitlines()
    assert lines == [f"{number}: {CODE.splitlines()[number - 1]}" for number in numbers]


def test_an_excerpt_of_what_is_no_python_is_the_line_between_its_neighbours() -> None:
    assert excerpt("a = 1\nb = (\nc = 3", 2) == "1: a = 1\n2: b = (\n3: c = 3"


@given(st.text(alphabet="ab:=()\n \t", max_size=120), st.integers(-2, 30))
def test_an_excerpt_is_short_whatever_the_source(code: str, line: int) -> None:
    assert len(excerpt(code, line).splitlines()) <= 10


def test_the_while_loop_around_a_line_is_found() -> None:
    assert [while_around(CODE, line) for line in (None, 9, 10, 11)] == [None, None, 10, 10]


SPOKEN = "one two three four five six seven eight nine ten " * 5  # 21.6 s


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(39.0, None), (41.0, "the rest is silent"), (6.0, None), (5.0, "stands still"), (21.6, None)],
)
def test_only_a_scene_that_is_far_from_its_narration_is_told(seconds: float, said: str | None) -> None:
    assert beat_seconds(SPOKEN) == pytest.approx(21.6)
    findings = judge_pace(seconds, SPOKEN)
    assert [finding.rule for finding in findings] == ([] if said is None else ["pace"])
    assert all(said in finding.message and "22 s" in finding.message for finding in findings if said)


def test_a_short_scene_below_a_short_narration_is_fine() -> None:
    assert judge_pace(0.5, "Short.") == []


@pytest.mark.parametrize(
    ("ended", "rule"),
    [
        (Ended.TIMEOUT, "endless"), (Ended.OUT_OF_MEMORY, "memory"), (Ended.OUT_OF_DISK, "outside"),
        (Ended.KILLED, "exit"), (Ended.BAD_OUTPUT, "exit"), (Ended.ERROR, "error"),
    ],
)  # fmt: skip
def test_every_bad_ending_of_the_check_is_a_fault(ended: Ended, rule: str) -> None:
    ending = Ending(
        ended=ended,
        exit_code=1,
        wall_s=1,
        cpu_s=1,
        stdout=b"",
        stderr=b"a trace\nwhy it ended",
        detail="detail",
    )
    fault = fault_of(ending)
    assert fault.rule == rule
    assert ("why it ended" if ended is Ended.ERROR else "detail") in fault.message


def test_the_clock_gives_back_the_alarm_that_was_set_before() -> None:
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    left_before = signal.setitimer(signal.ITIMER_REAL, 50)
    try:
        with pytest.raises(TimeIsUp), at_most(0.05):
            time.sleep(5)
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 40 < left < 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left_before)
        signal.signal(signal.SIGALRM, before)


def test_what_ends_in_time_is_left_alone() -> None:
    with at_most(0.2):
        pass
    time.sleep(0.3)  # no signal comes later


LOG = r"""This is pdfTeX
! Undefined control sequence.
<argument> \special {dvisvgm:raw <g id='unique000'>}x + \foo 
                                                             {bar}
l.6 \end{align*}
"""  # noqa: W291  (TeX ends its lines so)
LATEX_LOG = """! LaTeX Error: Unicode character π (U+03C0)
               not set up for use with LaTeX.

See the LaTeX manual
l.6 \\end{align*}
"""


def test_a_complaint_of_tex_is_told_with_the_offending_part_and_its_meaning() -> None:
    said = complaint(LOG)
    assert said is not None
    assert said.startswith(r"Undefined control sequence: \foo (")
    assert "amsmath" in said


def test_a_message_over_several_lines_is_one() -> None:
    said = complaint(LATEX_LOG)
    assert said is not None
    assert said.startswith("Unicode character π (U+03C0) not set up for use with LaTeX (")


def test_a_log_without_an_error_has_no_complaint() -> None:
    assert complaint("This is pdfTeX\nall went well") is None


@given(st.text(max_size=300))
def test_any_log_can_be_read(log: str) -> None:
    complaint(log)
    complaint(f"! {log}")
