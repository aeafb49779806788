"""Where the installed Manim lies. Imports no Manim."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from quantumsketch.errors import QuantumSketchError


def manim_folder() -> Path:
    """The folder of its package; raises QuantumSketchError if there is none."""
    spec = find_spec("manim")  # finds it without importing it
    if spec is None or spec.origin is None:
        raise QuantumSketchError("Manim is not installed", mend="Install the locked requirements again.")
    return Path(spec.origin).parent
