"""The names of the files that the checks leave in scratch."""

from __future__ import annotations

CHECK = "check.json"
FORMULAS = "formulas.json"
