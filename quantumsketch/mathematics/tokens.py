"""TeX as tokens, and a line of it cut into clauses and sides. Knows nothing of what the parts mean.

Only what is listed here is known: everything else makes its side `Unreadable`, and so never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RELATIONS = frozenset({"=", "<", ">", r"\leq", r"\geq", r"\neq", r"\approx"})
FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln",
     "log", "lg", "exp")
)  # fmt: skip
GREEK = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "kappa",
     "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "phi", "varphi", "chi", "psi", "omega", "Gamma",
     "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega", "hbar", "ell")
)  # fmt: skip
_STRUCTURE = frozenset(
    ("frac", "sqrt", "binom", "sum", "prod", "int", "lim", "to", "pi", "infty", "circ", "cdot", "times",
     "div", "partial", "lfloor", "rfloor", "lceil", "rceil")
)  # fmt: skip
_KNOWN = FUNCTIONS | GREEK | _STRUCTURE | {name[1:] for name in RELATIONS if name[0] == "\\"}
_SAME = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "le": "leq", "ge": "geq", "ne": "neq",
    "leqslant": "leq", "geqslant": "geq", "rightarrow": "to", "lvert": "|", "rvert": "|", "lbrack": "[",
    "rbrack": "]", "dbinom": "binom", "tbinom": "binom", "ast": "*",
}  # fmt: skip
_INVISIBLE = frozenset(
    ("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
     "textstyle", "limits", "nolimits")
)  # fmt: skip
_UNICODE = str.maketrans({
    "−": "-", "×": r"\times ", "·": r"\cdot ", "≈": r"\approx ", "≤": r"\leq ", "≥": r"\geq ",
    "≠": r"\neq ", "π": r"\pi ", "√": r"\sqrt ", "∞": r"\infty ",
})  # fmt: skip
_TOKEN = re.compile(
    r"(?P<based>0[xb][\dA-F]+(?![\da-z]))|(?P<number>\d{1,3}(?:\\,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\{,\}\d+|,\d{3}(?!\d))*(?:\.\d+)?|\.\d+)"
    r"|(?P<word>\\(?:text|mathrm|operatorname|textrm)\s*\{[^{}\\$]*\})"
    r"|(?P<command>\\[A-Za-z]+)|(?P<space>\\[,;:! ]|~)|(?P<percent>\\%)|(?P<letter>[A-Za-z])"
    r"|(?P<mark>[-+*/^_!=<>()\[\]{}|,;'])|(?P<blank>[\s&])|(?P<unknown>\\?.)",
    re.DOTALL,
)
_CLAUSES = re.compile(
    r"\\(?:qquad|quad|implies|iff|Rightarrow|Leftrightarrow|Longrightarrow|Longleftrightarrow)(?![A-Za-z])"
)
_LONGEST_NUMBER = 40


class Unreadable(Exception):
    """A part of a formula that is not known to be read right; its text says which."""


@dataclass(frozen=True)
class Token:
    """One sign: its kind, its text, and whether a visible gap stands before it."""

    kind: str
    text: str
    spaced: bool = False


@dataclass(frozen=True)
class Clause:
    """Sides with relations between them: one more side than relations. An empty side was left out."""

    sides: tuple[tuple[Token, ...], ...]
    relations: tuple[str, ...]


def clauses(tex: str) -> list[str]:
    """Cut a line at its arrows and wide gaps."""
    return [part.strip() for part in _CLAUSES.split(tex) if part.strip()]


def claims(tex: str) -> bool:
    """Whether a line holds a relation at all."""
    signs = r"=|<|>|≈|≤|≥|≠|\\(?:leq?|geq?|neq?|leqslant|geqslant|approx)(?![A-Za-z])"
    return re.search(signs, re.sub(r"\{[^{}]*\}", "{}", tex)) is not None


def tokens(tex: str) -> list[Token]:
    """The tokens of a text; one that is not known has the kind `unknown` and says so."""
    found: list[Token] = []
    spaced = False
    for match in _TOKEN.finditer(tex.translate(_UNICODE)):
        kind = match.lastgroup or "unknown"
        if kind in ("space", "blank"):
            spaced = spaced or kind == "space"
            continue
        token = _token(kind, match.group(), spaced)
        if token is not None:
            found.append(token)
            spaced = False
    return found


def _token(kind: str, text: str, spaced: bool) -> Token | None:
    match kind:
        case "command":
            return _command(text[1:], spaced)
        case "word":
            word = text[text.index("{") + 1 : -1].strip()
            if word in ("d", "e", "i"):
                return Token("letter", word, spaced)
            if word in FUNCTIONS:
                return Token("command", word, spaced)
            return Token("word", word, spaced)
        case "number" if len(text) > _LONGEST_NUMBER:
            return Token("unknown", "a number of so many digits is not read")
        case "unknown" | "based":
            return Token("unknown", f"{text!r} is not read")
    return Token(kind, text, spaced)


def _command(written: str, spaced: bool) -> Token | None:
    name = _SAME.get(written, written)
    if name in _INVISIBLE:
        return None
    if name in ("|", "[", "]", "*"):
        return Token("mark", name, spaced)
    if name in _KNOWN:
        kind = "relation" if f"\\{name}" in RELATIONS else "command"
        return Token(kind, f"\\{name}" if kind == "relation" else name, spaced)
    if name in ("pm", "mp"):
        return Token("unknown", f"\\{name} stands for two statements", spaced)
    return Token("unknown", f"\\{written} is not read", spaced)


_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


def depths(line: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Each token with the number of brackets around it."""
    depth = 0
    for token in line:
        if token.kind == "mark" and token.text in _CLOSING:
            depth -= 1
        yield depth, token
        if token.kind == "mark" and token.text in _OPENING:
            depth += 1


def cut(line: Sequence[Token]) -> list[Clause]:
    """The clauses of a line at its commas, each cut at its relations."""
    found: list[Clause] = []
    sides: list[tuple[Token, ...]] = []
    relations: list[str] = []
    side: list[Token] = []
    for depth, token in depths(line):
        if depth == 0 and token.text in RELATIONS and token.kind in ("mark", "relation"):
            sides.append(tuple(side))
            relations.append(token.text)
            side = []
        elif depth == 0 and token.kind == "mark" and token.text in (",", ";"):
            found.append(Clause((*sides, tuple(side)), tuple(relations)))
            sides, relations, side = [], [], []
        else:
            side.append(token)
    last = Clause((*sides, tuple(side)), tuple(relations))
    return [*found, last] if last.relations or last.sides[0] else found
