"""The names of the files of the checks: what they leave in scratch, and what they can be given."""

from __future__ import annotations

CHECK = "check.json"
FORMULAS = "formulas.json"
MANUAL = "manim.json"
"""An input of the scene's check: what is known of the installed Manim. Without it the check takes longer."""
