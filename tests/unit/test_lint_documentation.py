"""The examples in the documentation of the installed Manim are correct: the linter leaves them all alone."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import manim
import pytest

from renderers.manim.lint import mend
from tests.manim_names import installed

pytestmark = pytest.mark.slow

_EXAMPLE = re.compile(r"^( *)\.\. manim:: *(\w+)[^\n]*\n((?:\1 +[^\n]*\n|\s*\n)+)", re.M)
_NOT_FOR_US = {
    "SoundExample", "LabeledCountryExample",  # they read files, or the network
    "CustomLayoutExample", "CustomTipExample", "DirectiveDoctestExample", "MyScene",  # not a whole source
}  # fmt: skip


def examples() -> Iterator[tuple[str, str]]:
    """Every documented scene by its name, OpenGL's left out."""
    for path in sorted(Path(manim.__file__).parent.rglob("*.py")):
        for match in _EXAMPLE.finditer(path.read_text(encoding="utf-8")):
            lines = re.sub(r"^\s*:[^\n]*\n", "", textwrap.dedent(match[3]), flags=re.M)
            source = textwrap.dedent(lines).strip("\n") + "\n"
            if "class " in source and "OpenGL" not in source and match[2] not in _NOT_FOR_US:
                yield match[2], f"from manim import *\n\n{source}"


def test_every_example_of_manims_documentation_comes_back_byte_for_byte() -> None:
    found = list(examples())
    assert len(found) > 300
    touched = []
    for name, source in found:
        mended = mend(source, installed())
        if mended.code != source or mended.mended or mended.faults:
            touched.append((name, mended.mended, mended.faults))
    assert touched == []
