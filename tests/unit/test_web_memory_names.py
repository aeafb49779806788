"""Names as the API takes them: no sign that nobody sees, but what shapes words and emoji."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from web.memory.fields import Name

NAMES: TypeAdapter[str] = TypeAdapter(Name)
UNSEEN = [
    "\xad",
    "\u034f",
    "\u115f",
    "\u200e",
    "\u3164",
    "\ufe0f",
    "\u200b",
    "\u200d",
    "\u2060",
    "\u2063",
    "\u206f",
    "\ufeff",
    "\ufffa",
    "\U000e0057",
    "\U000e007f",
]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_name_with_a_sign_that_nobody_sees_is_refused(unseen: str) -> None:
    for name in (f"Wh{unseen}y", f"{unseen}Why", f"Why{unseen}"):
        with pytest.raises(ValidationError, match=rf"cannot hold the character U\+{ord(unseen):04X}"):
            NAMES.validate_python(name)
    assert NAMES.validate_python(" Why ") == "Why"


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\u0d28\u0d4d\u200d",
        "\U0001f469\u200d\U0001f52c at work",
        "\u2764\ufe0f\u200d\U0001f525",
        "1\ufe0f\u20e3 first",
        "\u05d0\u200f!",
        "\u1820\u180b",
        "\u8fbb\U000e0100",
        "\u0600\u06f1\u06f2",
    ],
)
def test_what_shapes_words_and_emoji_may_stand_in_a_name(name: str) -> None:
    assert NAMES.validate_python(name) == name
    with pytest.raises(ValidationError, match=r"U\+200C"):
        NAMES.validate_python(f"{name} \u200c")
    with pytest.raises(ValidationError, match=r"U\+200D"):
        NAMES.validate_python(f"{name}\u4e00\u200c\u200d")
