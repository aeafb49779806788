"""Characters that TeX does not take as they are meant: comment signs and the like, symbols beyond ASCII."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.calls import called_class, calls, has_environment
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.literals import StringLiteral, string_literals
from renderers.manim.lint.script import Script

_SYMBOLS = {
    "×": r"\times", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "∓": r"\mp", "−": "-", "–": "-", "≤": r"\leq",
    "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "∝": r"\propto", "∞": r"\infty",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow",
    "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap",
    "∅": r"\emptyset", "∀": r"\forall", "∃": r"\exists", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "∂": r"\partial", "∇": r"\nabla", "°": r"^{\circ}", "…": r"\dots", "⋯": r"\cdots", "ℝ": r"\mathbb{R}",
    "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}", "ħ": r"\hbar", "′": "'",
}  # fmt: skip
_LIKE_LATIN = {
    "omicron",
    "Alpha",
    "Beta",
    "Epsilon",
    "Zeta",
    "Eta",
    "Iota",
    "Kappa",
    "Mu",
    "Nu",
    "Rho",
    "Tau",
}
_SCRIPT = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ]+|[₀₁₂₃₄₅₆₇₈₉₊₋]+")
_SIGNS = r"(?<!\\)(?:#|%(?!(?<=\s%)[^\n]*\n))"
"""A % after a gap, in a string of several lines, is a comment to the end of its line."""
_COMMENT_SIGNS = re.compile(_SIGNS)
_TEXT_SIGNS = re.compile(rf"{_SIGNS}|(?<!\\)[&_]")
_DEFINITION = re.compile(r"\\((re)?newcommand|def)(?![A-Za-z])")


def check_tex_characters(script: Script) -> Iterator[Edit | Fault]:
    """Every string of a MathTex or Tex with characters that mean something else to TeX, or nothing."""
    literals = list(string_literals(script.text))
    for call in calls(script):
        name = called_class(script, call)
        if name not in {"MathTex", "Tex"} or has_environment(call):
            continue
        for argument in call.args:
            if isinstance(argument, ast.Constant | ast.JoinedStr):
                span = script.span(argument)
                for literal in literals:
                    if span[0] <= literal.start and literal.end <= span[1]:
                        yield from _mended(script, literal, is_formula=name == "MathTex")


def _mended(script: Script, literal: StringLiteral, is_formula: bool) -> Iterator[Edit]:
    backslash = "\\" if literal.is_raw else "\\\\"
    body = _in_ascii(literal.body, backslash) if is_formula else literal.body
    signs = _TEXT_SIGNS if not is_formula and _is_plain(body) else _COMMENT_SIGNS
    if not literal.is_formatted and not _DEFINITION.search(body):
        body = signs.sub(lambda sign: backslash + sign.group(), body)
    if body != literal.body:
        line = script.text.count("\n", 0, literal.start) + 1
        meant = ", ".join(sorted(set(literal.body) - set(body) or set(signs.findall(literal.body))))
        note = f"line {line}: wrote {meant} as TeX"
        yield Edit(literal.start, literal.end, literal.written(literal.prefix, body), note)


def _is_plain(body: str) -> bool:
    """Whether a string is words only: no formula, no command."""
    return "$" not in body and "\\" not in body


def _in_ascii(body: str, backslash: str) -> str:
    """A formula with its symbols as commands, `2πr²` as `2\\pi r^{2}`."""
    body = _SCRIPT.sub(_raised_or_lowered, body)
    parts: list[str] = []
    after_command = False
    for character in body:
        command = _command(character)
        if after_command and character.isascii() and character.isalpha():
            parts.append(" ")
        parts.append(command.replace("\\", backslash) if command else character)
        after_command = command is not None and command[-1].isalpha()
    return "".join(parts)


def _raised_or_lowered(match: re.Match[str]) -> str:
    plain = "".join(unicodedata.normalize("NFKD", one) for one in match.group()).replace("−", "-")
    sign = "^" if "SUPERSCRIPT" in unicodedata.name(match.group()[0]) else "_"
    return f"{sign}{{{plain}}}"


def _command(character: str) -> str | None:
    """The TeX command of a symbol beyond ASCII, None if there is none."""
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    match unicodedata.name(character, "").split():
        case ["GREEK", "SMALL" | "CAPITAL" as size, "LETTER", name]:
            plain = name.lower().replace("lamda", "lambda")
            letter = plain if size == "SMALL" else plain.capitalize()
            return None if letter in _LIKE_LATIN else f"\\{letter}"
    return None
