"""The demo's scenes by the stock `manim` command, one after the other, by `qs render`, and by it again.

Prints wall and processor time of each, and the ratios. The embedded servers' processor time is not counted
in `qs render`'s: they belong to no command; its wall time holds their start and stop.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
PROMPT = PROJECT / "examples" / "pythagoras.txt"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Cost:
    """What a command took, its descendants included, in seconds."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def timed(words: list[str], env: Mapping[str, str], folder: Path) -> tuple[Cost, str]:
    """Run a command to its end; gives its cost and what it printed. Raises CalledProcessError."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(words, env=env, cwd=folder, capture_output=True, text=True)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu), done.stdout


def stock(beats: list[dict[str, Any]], folder: Path) -> Cost:
    """Every beat by Manim's own command, with its own defaults, at the same size and rate."""
    total = Cost(0, 0)
    scene = str(PROJECT / "benchmarks" / "stock_scene.py")
    for number, beat in enumerate(beats, start=1):
        path = folder / f"beat{number}.json"
        path.write_text(json.dumps(beat), encoding="utf-8")
        words = [str(BIN / "manim"), "render", "-r", "1280,720", "--fps", "30", "-v", "ERROR", scene, "Demo"]
        words += ["--media_dir", str(folder / f"media{number}"), "--progress_bar", "none"]
        cost, _ = timed(words, {**os.environ, "BENCH_BEAT": str(path)}, folder)
        row(f"  {beat['title']}", cost)
        total += cost
    return total


def ours(home: Path, folder: Path) -> tuple[Cost, dict[str, Any]]:
    """The whole product: storyboard, beats, merge, record."""
    words = [str(BIN / "qs"), "render", str(PROMPT), "-o", str(folder / "demo.mp4"), "--json"]
    cost, printed = timed(words, {**os.environ, "QS_HOME": str(home)}, folder)
    report: dict[str, Any] = json.loads(printed)
    return cost, report


def row(name: str, cost: Cost) -> None:
    print(f"{name:<44}{cost.wall:8.2f} s{cost.cpu:8.2f} s")


def main() -> None:
    print(f"{'':<44}{'wall':>10}{'CPU':>10}")
    with tempfile.TemporaryDirectory(prefix="qs-bench-") as name:
        folder, home = Path(name), Path(name) / "home"
        plan = [str(BIN / "qs"), "render", str(PROMPT), "--plan"]
        _, printed = timed(plan, {**os.environ, "QS_HOME": str(home)}, folder)
        beats = json.loads(printed)["beats"]

        print(f"stock manim, {len(beats)} scenes one after the other, not joined")
        by_stock = stock(beats, folder)
        row("  all", by_stock)

        by_us, report = ours(home, folder)
        row("qs render, the whole film", by_us)
        for stage, seconds in report["stages"].items():
            print(f"  {stage:<42}{seconds:8.2f} s")

        again, report = ours(home, folder)
        row("qs render again", again)
        if not all(beat["cached"] for beat in report["beats"]):
            sys.exit("the second render did not find every clip")
    wall, cpu = by_us.wall / by_stock.wall, by_us.cpu / by_stock.cpu
    print(f"\nqs render / stock manim: wall {wall:.2f}, CPU {cpu:.2f}")


if __name__ == "__main__":
    main()
