"""The names that somebody may have meant who named something else. Pure; knows no database."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from quantumsketch.memory.films.concepts import LONGEST_CONCEPT, without_article, words_of

MOST_NEAR = 3
_LIKE_A_WORD = 0.7
"""From which ratio of equal letters a word may stand for another one."""
_LIKE_A_NAME = 0.8
"""From which share of a name, by its letters, another name may stand for it."""


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that are most like `name`, word by word, at most MOST_NEAR, the nearest first.

    Each word of `name` has to be in them, or one like it; they may have more words. Of two that are equally
    like it the shorter one is nearer.
    """
    asked = words_of(without_article(name))
    if not 0 < len(asked) <= LONGEST_CONCEPT:
        return []
    words = {each: words_of(each) for each in known}
    vocabulary = {word for each in words.values() for word in each}
    like = {word: _likenesses(word, vocabulary) for word in asked}
    letters = sum(map(len, asked))
    shares = {
        each: sum(len(word) * max(like[word].get(other, 0.0) for other in its) for word in asked) / letters
        for each, its in words.items()
        if its
    }
    near = [each for each, share in shares.items() if share >= _LIKE_A_NAME]
    return sorted(near, key=lambda each: (-shares[each], len(each), each))[:MOST_NEAR]


def _likenesses(word: str, vocabulary: Iterable[str]) -> dict[str, float]:
    """The words that may stand for `word`, each with its ratio of equal letters."""
    matcher = SequenceMatcher(b=word, autojunk=False)
    found = {}
    for other in vocabulary:
        matcher.set_seq1(other)
        # the first two are upper bounds, and quick: most words are out by them
        if matcher.real_quick_ratio() >= _LIKE_A_WORD and matcher.quick_ratio() >= _LIKE_A_WORD:
            found[other] = matcher.ratio()
    return {other: ratio for other, ratio in found.items() if ratio >= _LIKE_A_WORD}
