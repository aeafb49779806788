"""Formulas that are plain mathematics: read aloud, or refused.

Only what the tables below name is read, so no formula that passes can define, loop, or open a file. What is
refused is shown as ordinary text by whoever asked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

LONGEST = 160
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_TYPED = str.maketrans({
    "−": "-", "–": "-", "·": r"\cdot ", "×": r"\times ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ",
    "±": r"\pm ", "π": r"\pi ", "→": r"\to ", "≈": r"\approx ", "∞": r"\infty ", "²": "^2", "³": "^3",
    "\n": " ",
})  # fmt: skip
_SIGNS = {
    "+": "plus", "-": "minus", "*": "times", "/": "over", "=": "equals", "<": "is less than",
    ">": "is greater than", "|": "", "(": "", ")": "", "[": "", "]": "", ",": ",", ".": ".", ";": ";",
    ":": "to", "!": "factorial",
}  # fmt: skip
_SYMBOLS = {
    "cdot": "times", "times": "times", "div": "divided by", "pm": "plus or minus", "mp": "minus or plus",
    "le": "is at most", "leq": "is at most", "ge": "is at least", "geq": "is at least",
    "ne": "is not equal to", "neq": "is not equal to", "approx": "is about", "equiv": "is equivalent to",
    "sim": "is similar to",
    "propto": "is proportional to", "to": "to", "rightarrow": "to", "longrightarrow": "to",
    "Rightarrow": "implies", "leftrightarrow": "and back", "rightleftharpoons": "in balance with",
    "Leftrightarrow": "exactly when",
    "infty": "infinity", "partial": "partial", "nabla": "nabla", "int": "the integral", "sum": "the sum",
    "prod": "the product", "lim": "the limit", "sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log",
    "ln": "the natural log of", "exp": "e to the", "min": "the minimum", "max": "the maximum", "in": "in",
    "notin": "not in", "subset": "within", "cup": "union", "cap": "intersected with", "forall": "for all",
    "exists": "there is", "circ": "degrees", "implies": "implies", "iff": "exactly when",
    "ldots": "and so on", "dots": "and so on",
    "cdots": "and so on", "quad": ",", "qquad": ",", "hbar": "h bar", "ell": "l", "angle": "angle",
    "mid": "given", "land": "and", "lor": "or", "neg": "not", "arcsin": "arc sine", "arccos": "arc cosine",
    "arctan": "arc tangent", "mod": "modulo", "bmod": "modulo", "emptyset": "the empty set",
}  # fmt: skip
_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma",
    "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
}  # fmt: skip
_TEXT_SIGNS = set(" ,.-:()")
_SPACES = {"\\,", "\\;", "\\:", "\\!", "\\ "}
_LITERALS = {"\\%": "percent", "\\{": "", "\\}": ""}
_AROUND = {
    "sqrt": "the square root of {}", "vec": "vector {}", "hat": "{} hat", "bar": "{} bar", "dot": "{} dot",
    "overline": "{} bar", "underline": "{}", "mathrm": "{}", "mathbf": "{}", "mathit": "{}", "mathbb": "{}",
    "mathcal": "{}", "tilde": "{} tilde", "boxed": "{}",
}  # fmt: skip
_PAIRS = {"frac": "{} over {}", "dfrac": "{} over {}", "tfrac": "{} over {}", "binom": "{} choose {}"}
_WITH_LIMITS = {"\\int", "\\sum", "\\prod"}
_DELIMITERS = {"(", ")", "[", "]", "|", ".", "\\{", "\\}"}


class _Refused(Exception):
    """This is not plain mathematics."""


def typed(tex: str) -> str:
    """Give `tex` with typed signs such as × and ² written as TeX."""
    return " ".join(tex.translate(_TYPED).split())


@lru_cache(maxsize=512)
def spoken(tex: str) -> str | None:
    """Read one line of TeX mathematics aloud; None if it is not plain mathematics, or too long."""
    written = typed(tex)
    if not written or len(written) > LONGEST:
        return None
    reader = _Reader(_TOKEN.findall(written))
    try:
        words = reader.row(end="")
    except _Refused:
        return None
    return re.sub(r"\s+([,.;])", r"\1", " ".join(words.split())) or None


class _Reader:
    """A reader of tokens by recursive descent."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def row(self, end: str) -> str:
        """Read atoms with their scripts up to the sign `end`, or to the end of the formula for ''."""
        said: list[str] = []
        while (sign := self._next()) != end:
            if sign.isspace() or sign in _SPACES:
                said.append(" ")
                continue
            said.append(self._spaced(sign) + self._scripts(sign))
        return "".join(said)

    def _spaced(self, sign: str) -> str:
        atom = self._atom(sign)
        return atom if sign.isdigit() or sign == "." else f" {atom} "

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1] if self._at <= len(self._tokens) else ""

    def _peek(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at] == " ":
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _atom(self, sign: str) -> str:
        if sign == "{":
            return self.row(end="}")
        if sign in _SIGNS:
            return _SIGNS[sign]
        if sign.isascii() and sign.isalnum():
            return sign
        if sign in _LITERALS:
            return _LITERALS[sign]
        return self._command(sign.removeprefix("\\")) if sign[:1] == "\\" else self._refuse()

    def _command(self, name: str) -> str:
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _GREEK:
            return name.removeprefix("var")
        if name in _AROUND:
            return _AROUND[name].format(self._group())
        if name in _PAIRS:
            return _PAIRS[name].format(self._group(), self._group())
        if name == "text":
            return self._text()
        return self._fenced() if name == "left" else self._refuse()

    def _group(self) -> str:
        if (sign := self._peek()).isalnum():
            return self._next()
        if sign != "{":
            self._refuse()
        self._next()
        return " ".join(self.row(end="}").split()) or self._refuse()

    def _text(self) -> str:
        if self._next() != "{":
            self._refuse()
        letters = []
        while (sign := self._next()) != "}":
            if not (sign.isascii() and (sign.isalnum() or sign in _TEXT_SIGNS)):
                self._refuse()
            letters.append(sign)
        return "".join(letters)

    def _fenced(self) -> str:
        if self._next() not in _DELIMITERS:
            self._refuse()
        inside = self.row(end="\\right")
        if self._next() not in _DELIMITERS:
            self._refuse()
        return inside

    def _scripts(self, base: str) -> str:
        said, seen = "", set()
        while self._peek() == "'":
            self._next()
            said += " prime "
        while (sign := self._peek()) in ("^", "_"):
            self._next()
            if sign in seen or (sign == "^" and said.endswith("prime ")):
                self._refuse()
            seen.add(sign)
            said += self._script(sign, base)
        return said if self._peek() != "'" else self._refuse()

    def _script(self, kind: str, base: str) -> str:
        argument = self._peek()
        if argument in ("", "}", "^", "_", "'", "\\right", "\\left"):
            self._refuse()
        inside = self._group() if argument == "{" else self._atom(self._next())
        if base in _WITH_LIMITS:
            return f" from {inside} " if kind == "_" else f" to {inside} "
        if kind == "_":
            return f" {inside} "
        power = {"2": "squared", "3": "cubed", "degrees": "degrees"}.get(inside, f"to the {inside}")
        return f" all {power} " if base in (")", "{") else f" {power} "

    def _refuse(self) -> NoReturn:
        raise _Refused
