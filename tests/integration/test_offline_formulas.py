"""Every formula that the offline storyboarder can put on screen compiles, in one run of LaTeX."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from quantumsketch.llm.offline.outline.tex import spoken, typed
from quantumsketch.llm.offline.shelf import worked_examples

_HEAD = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
_PLAIN = [
    r"\frac{a}{b} + \sqrt{x^2 + 1}", r"\int_0^1 x^2\,dx = \frac13", r"\sum_{n=1}^{\infty} \frac{1}{n^2}",
    r"\left(\frac{a}{b}\right)^2", r"f''(x) \le 0", "a² + b² = c²", r"6\,CO_2 + 6\,H_2O \to C_6H_{12}O_6",
    r"\vec{F} = m\vec{a}", r"P(A \mid B) \approx 0.5", r"\text{area} = \pi r^2", r"\{x \in A\}", r"90^\circ",
    r"e^{i\pi} + 1 = 0", r"\binom{n}{k} \cdot p^k", "x → ∞", r"A \cup B \subset C", r"\mathbb{R}", "50\\%",
]  # fmt: skip


def _compiles(formulas: list[str], folder: Path) -> str:
    """Run LaTeX once over all formulas; gives the lines of its log that begin with an exclamation mark."""
    pages = [rf"\typeout{{FORMULA {n}}}$\displaystyle {tex}$\par" for n, tex in enumerate(formulas)]
    (folder / "all.tex").write_text("\n".join([_HEAD, *pages, r"\end{document}"]), encoding="utf-8")
    command = ["latex", "-interaction=nonstopmode", "-no-shell-escape", "all.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    return "\n".join(re.findall(r"(?:FORMULA \d+|^!.*$)", run.stdout.decode("latin-1"), re.MULTILINE))


def _shelf_formulas() -> list[str]:
    data = json.loads(json.dumps([example.storyboard.model_dump() for example in worked_examples()]))
    found: list[str] = []

    def walk(part: object, name: str = "") -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                walk(value, key)
        elif isinstance(part, list):
            for value in part:
                walk(value, name)
        elif isinstance(part, str):
            inside = [part] if name in ("tex", "highlight") and "$" not in part else []
            found.extend(inside or re.findall(r"\$([^$]+)\$", part))

    walk(data)
    return found


@pytest.fixture(autouse=True)
def _latex() -> None:
    if not shutil.which("latex"):
        pytest.skip("LaTeX is missing: run `make demo`, which installs it")


def test_every_formula_of_the_shelf_compiles(tmp_path: Path) -> None:
    formulas = _shelf_formulas()
    assert len(formulas) > 100
    log = _compiles(formulas, tmp_path)
    assert f"FORMULA {len(formulas) - 1}" in log
    assert [line for line in log.splitlines() if line.startswith("!")] == []


def test_every_formula_that_is_read_aloud_compiles(tmp_path: Path) -> None:
    assert [tex for tex in _PLAIN if spoken(tex) is None] == []
    assert "!" not in _compiles([typed(tex) for tex in _PLAIN], tmp_path)


def test_a_formula_that_does_not_compile_is_noticed(tmp_path: Path) -> None:
    assert "! " in _compiles([r"\frac{1}{"], tmp_path)
