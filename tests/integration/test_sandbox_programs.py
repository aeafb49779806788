"""The programs that renders need do run inside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from quantumsketch.tools.tool import Ended, Limits
from tests.sandbox_calls import run, shell

FORMULA = r"""\documentclass[preview]{standalone}
\usepackage{amsmath}\usepackage{amssymb}
\begin{document}$\displaystyle a^2+b^2=c^2$\end{document}"""


@pytest.mark.skipif(
    not (shutil.which("latex") and shutil.which("dvisvgm")),
    reason="needs: apt-get install --no-install-recommends texlive-latex-extra cm-super-minimal dvisvgm",
)
async def test_a_formula_becomes_a_drawing(tmp_path: Path) -> None:
    source = tmp_path / "formula.tex"
    source.write_text(FORMULA)
    script = "latex -interaction=batchmode /in/formula.tex && dvisvgm --no-fonts -o out.svg formula.dvi"
    reply = await run(tmp_path, shell(script), inputs={"formula.tex": source}, outputs={"out.svg": 100_000})
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.files["out.svg"].read_text().count("<path") >= 6


@pytest.mark.skipif(not shutil.which("fc-list"), reason="needs: apt-get install fontconfig")
async def test_the_fonts_of_the_host_are_found(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("fc-list | wc -l"))
    assert int(reply.ending.stdout) > 0
    assert reply.ending.stderr == b""


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs: apt-get install ffmpeg")
async def test_a_film_is_encoded(tmp_path: Path) -> None:
    script = "ffmpeg -v error -f lavfi -i testsrc=size=320x180:rate=15:duration=0.4 -c:v libx264 out.mp4"
    reply = await run(tmp_path, shell(script), Limits(wall_s=20), outputs={"out.mp4": 1_000_000})
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.files["out.mp4"].read_bytes()[4:8] == b"ftyp"
