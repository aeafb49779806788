"""Finds what is meant in an index of Manim: by name, by old name, by words, by meaning. Imports no Manim.

The sentence vectors are the caller's: `texts_to_embed` says of which texts, in which order.
"""

from __future__ import annotations

import math
import operator
import re
from collections import Counter
from collections.abc import Sequence

from renderers.manim.knowledge.index import Entry, ManimIndex, Method
from renderers.manim.knowledge.nearest import nearest
from renderers.manim.knowledge.renames import MEMBERS, NAMES
from renderers.manim.knowledge.telling import told

__all__ = ["search", "texts_to_embed", "told"]

_MOST_TEXTS = 800
_STOP = frozenset(
    ("a", "an", "and", "as", "at", "be", "by", "can", "do", "for", "from", "how", "i", "in", "is", "it",
     "its", "of", "on", "or", "that", "the", "this", "to", "with")
)  # fmt: skip
_INTERNAL = (
    "init_", "generate_points", "get_default", "handle_", "should_", "construct", "setup", "tear_down", "on_",
    "gen_", "compile_", "play_internal", "render", "get_moving", "get_restructured", "load_", "modify_xml",
    "set_key", "update_to_time", "embed", "interactive", "check_", "validate", "assign_", "consider_",
)  # fmt: skip
"""Begins the names of methods that Manim calls itself."""
_GENERIC = frozenset({"Mobject", "VMobject", "Scene", "Animation", "Group", "VGroup", "SVGMobject", "Camera"})
"""Classes whose methods nearly everything has: told of themselves only, not of each descendant."""


def search(
    index: ManimIndex,
    query: str,
    *,
    vectors: Sequence[Sequence[float]] | None = None,
    query_vector: Sequence[float] | None = None,
    limit: int = 8,
) -> list[Entry]:
    """The entries that fit a query best: a name, `Class.method`, an old name, or what is to be done.

    `vectors` are those of `texts_to_embed(index)`; without them, words alone decide.
    """
    named = [entry for name in _names_in(query) for entry in _by_name(index, name)]
    texts = _texts(index)
    scores = _by_words(query, texts)
    if vectors is not None and query_vector is not None:
        for place, vector in enumerate(vectors[: len(texts)]):
            scores[place] += 2.0 * _cosine(vector, query_vector)
    ranked = sorted(range(len(texts)), key=lambda place: (-scores[place], place))
    meant = [texts[place][0] for place in ranked[: 2 * limit] if scores[place] > 0]
    return list({entry.name: entry for entry in (*named, *meant)}.values())[:limit]


def texts_to_embed(index: ManimIndex) -> list[str]:
    """What the vectors for `search` are made of: a text for each thing that can be found, at most 800."""
    return [text for _, text in _texts(index)]


def _names_in(query: str) -> list[str]:
    """The words of a query that are written like names of Manim."""
    words = re.findall(r"\b[A-Za-z_][\w.]*", query)
    return [word.strip(".") for word in words if len(words) == 1 or re.search(r"[A-Z_.]", word)]


def _by_name(index: ManimIndex, name: str) -> list[Entry]:
    """What a name stands for: itself, however it is written, its successor, or the nearest there is."""
    if exact := _exactly(index, name):
        return exact
    lowered = [one for one in index.exported if one.lower() == name.lower()]
    last = name.rpartition(".")[2]
    successors = [NAMES.get(last, ""), *(f"{one.owner}.{one.new}" for one in MEMBERS if one.old == last)]
    known = [entry for one in (*lowered, *successors) for entry in _exactly(index, one)]
    return known or [entry for one in nearest(name, index.exported) for entry in _exactly(index, one)]


def _exactly(index: ManimIndex, name: str) -> list[Entry]:
    if entry := index.entry(name):
        return [_with_inherited(index, entry)]
    if entry := index.entry(f"rate_functions.{name}"):
        return [entry]
    owner, _, method = name.rpartition(".")
    if owner:
        found = index.method(owner, method)
        return [_as_entry(index, owner, found)] if found else []
    owners = [entry for entry in index.entries if any(one.name == method for one in entry.methods)]
    first = [one for one in owners if not any(parent.name in one.lineage for parent in owners)]
    return [_as_entry(index, one.name, found) for one in first if (found := index.method(one.name, method))]


def _with_inherited(index: ManimIndex, entry: Entry) -> Entry:
    """A class with the methods, too, that its nearer ancestors give it."""
    methods = {method.name: method for method in entry.methods}
    for parent in index.ancestry(entry.name):
        if parent.name not in _GENERIC:
            for method in parent.methods:
                methods.setdefault(method.name, method)
    return entry.model_copy(update={"methods": list(methods.values())})


def _as_entry(index: ManimIndex, owner: str, method: Method) -> Entry:
    return Entry(
        name=f"{owner}.{method.name}", kind="method", about=method.about, parameters=method.parameters,
        passes_on=method.passes_on, takes_any_keyword=method.takes_any_keyword, returns=method.returns,
        lineage=[one.name for one in index.entries if one.exported and owner in one.lineage][:4],
    )  # fmt: skip


def _texts(index: ManimIndex) -> list[tuple[Entry, str]]:
    """What can be found by its meaning, each with the text that says it: classes, functions, methods."""
    found = [
        _with_inherited(index, entry) for entry in index.entries
        if entry.exported and entry.about and entry.kind in {"class", "function", "rate function"}
    ]  # fmt: skip
    for entry in index.entries:
        if any(index.is_a(entry.name, one) for one in ("Mobject", "Scene", "CoordinateSystem")):
            found += [_as_entry(index, entry.name, method) for method in entry.methods if _is_of_use(method)]
    return [(entry, f"{_spelled(entry.name)}: {entry.about}") for entry in found][:_MOST_TEXTS]


def _is_of_use(method: Method) -> bool:
    """Whether a scene may want to call a documented method, not only Manim itself."""
    return bool(method.about) and not method.name.startswith(_INTERNAL)


def _spelled(name: str) -> str:
    """A name as words: `get_axis_labels` is 'get axis labels', `FadeIn` is 'Fade In'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_.]+", " ", name)


def _words(text: str) -> list[str]:
    found = re.findall(r"[a-z0-9]+", _spelled(text).lower())
    return [re.sub(r"(?<=\w{3})(ing|ed|es|s|e)$", "", word) for word in found if word not in _STOP]


def _by_words(query: str, texts: Sequence[tuple[Entry, str]]) -> list[float]:
    """How well each text answers a query by the words of both: rare ones and those of names count more."""
    wanted = set(_words(query))
    held = [(set(_words(entry.name)), _words(text)) for entry, text in texts]
    common = Counter(word for _, words in held for word in set(words))
    scores = []
    for name, words in held:
        weights = {word: math.log(1 + len(texts) / common[word]) for word in wanted & set(words)}
        score = sum(weight * (1.6 if word in name else 1.0) for word, weight in weights.items())
        scores.append(score / (8 + len(words)) ** 0.5)
    return scores


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    length = math.hypot(*one) * math.hypot(*other)
    return sum(map(operator.mul, one, other)) / length if length else 0.0
