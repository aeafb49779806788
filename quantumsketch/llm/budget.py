"""What a call can cost at most, and how long its answer may be for less. Pure; knows no book."""

from __future__ import annotations

import math

from quantumsketch.call_book import Wish
from quantumsketch.llm.types import Price, Question

MOST_TOKENS = 16_000
"""Tokens that an answer may have if no budget bounds it, thoughts included."""

# Prose, JSON and Python have 3.3 to 3.7 bytes to a token, TeX 2.2, digits 2.35, Russian and Chinese 3.2,
# symbols and emoji 1.6, as a public tokenizer of Anthropic's counts; newer ones may cut a third finer.
_BYTES_PER_TOKEN = 2.0
_BYTES_PER_TOKEN_BEYOND_ASCII = 1.25
_ALWAYS_TOKENS = 600
"""What providers add by themselves: how to call tools, how to answer as JSON."""


def input_tokens(question: Question) -> int:
    """Return the tokens that `question` has at most, for any model."""
    text = question.model_dump_json()
    ascii_bytes = len(text.encode("ascii", "ignore"))
    other_bytes = len(text.encode()) - ascii_bytes
    tokens = ascii_bytes / _BYTES_PER_TOKEN + other_bytes / _BYTES_PER_TOKEN_BEYOND_ASCII
    return math.ceil(tokens) + _ALWAYS_TOKENS


def wish(price: Price, question: Question, most_tokens: int = MOST_TOKENS) -> Wish:
    """Return what asking `question` costs with the shortest useful answer, and with one of `most_tokens`."""
    asking_usd = input_tokens(question) * price.input_usd
    shortest = min(question.least_tokens, most_tokens)
    return Wish(asking_usd + shortest * price.output_usd, asking_usd + most_tokens * price.output_usd)


def affordable_tokens(price: Price, question: Question, usd: float, most_tokens: int = MOST_TOKENS) -> int:
    """Return how many tokens the answer may have if the call may cost `usd`, which a wish was granted."""
    wanted = wish(price, question, most_tokens)
    if usd >= wanted.most_usd:
        return most_tokens
    return min(question.least_tokens, most_tokens) + math.floor((usd - wanted.least_usd) / price.output_usd)
