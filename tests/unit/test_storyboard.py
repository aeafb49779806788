"""What a storyboard may hold, and what is said of one that may not."""

from __future__ import annotations

from typing import Any, get_args

import jsonschema
import pytest
from pydantic import TypeAdapter, ValidationError

from quantumsketch.storyboard import Aspect, Look, Quality, Storyboard
from quantumsketch.visuals import Visual

VISUAL: TypeAdapter[Any] = TypeAdapter(Visual)


def test_there_are_thirteen_kinds_of_visual_with_a_schema() -> None:
    kinds = [model.model_fields["kind"].default for model in get_args(get_args(Visual)[0])]
    assert len(set(kinds)) == 13
    schema = Storyboard.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["$defs"]["Beat"]["properties"]["visual"]["discriminator"]["mapping"]) == set(kinds)


@pytest.mark.parametrize(
    ("visual", "complaint"),
    [
        ({"kind": "cloud"}, "does not match any of the expected tags"),
        ({"kind": "title"}, "Field required"),
        ({"kind": "title", "heading": "A", "colour": "red"}, "Extra inputs"),
        ({"kind": "bullets", "items": [{"text": "a"}] * 7}, "at most 6"),
        ({"kind": "derivation", "steps": [{"tex": "a=b", "highlight": ["c"]}]}, "does not occur"),
        ({"kind": "plot", "curves": [{"expression": "y+1"}], "x_range": [0, 1]}, "function of x"),
        ({"kind": "plot", "curves": [{"expression": "x"}], "x_range": [1, 1]}, "clearly larger"),
        (
            {
                "kind": "plot",
                "curves": [{"expression": "x"}],
                "x_range": [0, 1],
                "area": {"start": 0, "end": 2},
            },
            "inside x_range",
        ),
        (
            {
                "kind": "geometry",
                "points": [{"name": "A", "x": 0, "y": 0}],
                "segments": [{"start": "A", "end": "B"}],
            },
            "no point is named 'B'",
        ),
        ({"kind": "number_line", "start": 0, "end": 1, "marks": [{"value": 2}]}, "lies outside"),
        ({"kind": "graph", "nodes": [{"id": "a"}, {"id": "a"}]}, "id of its own"),
        ({"kind": "graph", "nodes": [{"id": "a"}, {"id": "b"}], "path": ["a", "b"]}, "no edge does"),
        ({"kind": "table", "rows": [["1", "2"], ["3"]]}, "same number of cells"),
        ({"kind": "code", "code": "x" * 80}, "at most 72"),
        ({"kind": "code", "code": "a\nb", "steps": [{"first": 2, "last": 3}]}, "not in the code's 2 lines"),
        ({"kind": "timeline", "events": [{"when": "1900", "text": "one"}]}, "at least 2"),
        ({"kind": "bars", "bars": [{"label": "a", "value": float("nan")}]}, "finite"),
    ],
)
def test_a_visual_that_cannot_be_drawn_is_refused_with_the_reason(
    visual: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        VISUAL.validate_python(visual)


@pytest.mark.parametrize(
    ("quality", "aspect", "size", "fps"),
    [
        (Quality.DRAFT, Aspect.WIDE, (854, 480), 15),
        (Quality.STANDARD, Aspect.WIDE, (1280, 720), 30),
        (Quality.HIGH, Aspect.WIDE, (1920, 1080), 60),
        (Quality.STANDARD, Aspect.TALL, (720, 1280), 30),
        (Quality.HIGH, Aspect.SQUARE, (1080, 1080), 60),
    ],
)
def test_each_quality_has_its_size_in_each_aspect(
    quality: Quality, aspect: Aspect, size: tuple[int, int], fps: int
) -> None:
    look = Look(quality=quality, aspect=aspect)
    assert (look.size, look.fps) == (size, fps)
