"""Two beats as they should be: shown to the models, and held to the same rules as theirs."""

from __future__ import annotations

from quantumsketch.storyboard import Beat
from quantumsketch.visuals import Curve, FunctionPlot, ManimCode, PlotPoint

PICTURE = Beat(
    title="The slope of a chord",
    narration=(
        "How steep is the curve x squared where x is one? Take a second point, at x equals two, where the"
        " height is four. From one point to the other we go one to the right and three up: the chord has"
        " slope three. That is too steep, so the second point must come closer."
    ),
    visual=FunctionPlot(
        curves=[
            Curve(expression="x**2", label="$y = x^2$", cue="the curve x squared"),
            Curve(expression="3*x - 2", label="slope 3", cue="the chord has slope three"),
        ],
        x_range=(0, 3),
        y_range=(0, 6),
        points=[
            PlotPoint(x=1, y=1, label="$(1, 1)$", cue="where x is one"),
            PlotPoint(x=2, y=4, label="$(2, 4)$", cue="at x equals two"),
        ],
    ),
)
"""A typed visual: an example with numbers, each part named as it is spoken of."""

ANIMATION = Beat(
    title="A disc becomes a triangle",
    narration=(
        "Cut a disc into thin rings and unroll each of them. The outermost gives the longest strip, two pi r."
        " Stacked by length they fill a triangle of height r. Half of base times height is pi r squared: the"
        " area of the disc."
    ),
    visual=ManimCode(
        idea=(
            "Left: a disc of radius 1 made of eight rings in two alternating blues. As the narration says"
            " 'unroll', one ring after the other, outermost first, turns into a straight horizontal strip and"
            " moves to the right, where the strips stack, longest at the bottom, into a triangle. Then a"
            " brace below it with $2 \\pi r$, a brace at its side with $r$, and above it $A = \\pi r^2$."
        )
    ),
)
"""An idea: objects with sizes, places and numbers, and what moves, in the order of the narration."""
