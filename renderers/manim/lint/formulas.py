"""TeX in the calls that typeset it: backslashes, braces in f-strings, dollar signs, the right class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.calls import called_class, calls, has_environment
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.literals import StringLiteral, string_literals
from renderers.manim.lint.script import Script, parse
from renderers.manim.lint.tex_strings import braced, is_number, is_swallowed, raw

_PLAIN_TEXT = ("Text", "MarkupText", "Paragraph", "Code")
_TYPESET = "SingleStringMathTex"
_MATHEMATICS = re.compile(
    r"\\(frac|sqrt|int|sum|prod|lim|partial|nabla|cdot|times|infty|alpha|beta|gamma|delta|theta|lambda|mu|pi|sigma"
    r"|phi|omega|vec|hat|left|right|leq|geq|neq|approx|to|sin|cos|tan|log|ln|exp|mathbb|mathbf|mathrm"
    r"|begin\{[bpv]?matrix\})(?![A-Za-z])|[\^_]"
)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_TEXT_IN_MATH = re.compile(
    r"\\(text|mathrm|operatorname|textbf|mathbf|begin|end|quad)\*?\s*(\{(?:[^{}]|\{[^{}]*\})*\})?"
)
_FORMULA_IN_TEXT = re.compile(r"\\[(\[]|\\begin\{(equation|align|gather|multline|math|displaymath|eqnarray)")
"""Begins a formula within text without a dollar sign."""


def check_formulas(script: Script) -> Iterator[Edit | Fault]:
    """Every string of TeX, where it is used as such."""
    literals = list(string_literals(script.text))
    plain = _spans(script, _PLAIN_TEXT)
    typeset = _spans(script, (_TYPESET,))
    for literal in literals:
        within_text = any(start <= literal.start < end for start, end in plain)
        within_tex = any(start <= literal.start < end for start, end in typeset)
        if within_text or (not within_tex and not is_swallowed(literal) and not literal.is_formatted):
            continue
        yield from _string(script, literal, within_tex)
    for call in calls(script):
        yield from _dollars(script, call, literals)


def _spans(script: Script, ancestors: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the calls stand that construct one of these classes."""
    return [
        script.span(call)
        for call in calls(script)
        if (name := called_class(script, call)) and any(script.index.is_a(name, one) for one in ancestors)
    ]


def _string(script: Script, literal: StringLiteral, within_tex: bool) -> Iterator[Edit]:
    line = script.text.count("\n", 0, literal.start) + 1
    new = raw(literal) if within_tex or is_swallowed(literal) else None
    if new:
        yield Edit(literal.start, literal.end, new, f"line {line}: made a TeX string raw")
        return
    new = braced(literal, lambda inner: _is_field(script, inner))
    if new:
        note = f"line {line}: braces of TeX in an f-string hold no expression"
        yield Edit(literal.start, literal.end, new, note)


def _is_field(script: Script, inner: str) -> bool:
    """Whether the inside of an f-string's braces is an expression of names that exist."""
    value = re.split(r"(?<![!<>=])[!:](?!=)", inner, maxsplit=1)[0].removesuffix("=").strip()
    try:
        tree = parse(f"({value})") if value else None
    except SyntaxError:
        return "lambda" in value or "[" in value
    if tree is None or (value == inner.strip() and is_number(value)):
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not _is_read(node)}
    if value.isidentifier() and value.islower():
        return value in script.bound
    return all(script.is_known(name) or name in own or name == "self" for name in names)


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _dollars(script: Script, call: ast.Call, literals: list[StringLiteral]) -> Iterator[Edit]:
    name = called_class(script, call)
    if name not in {"MathTex", "Tex"} or has_environment(call):
        return
    strings = [arg for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if not strings or len(strings) != len(call.args):
        return
    texts = [str(one.value) for one in strings]
    if name == "MathTex" and any(_is_delimited(text) for text in texts):
        yield from _without_dollars(script, call, strings, literals)
    elif name == "MathTex" and any(map(_has_formula, texts)):
        if "".join(texts).count("$") % 2 == 0:
            yield script.replacing(
                call.func, _renamed(script, call, "Tex"), "text with formulas is Tex, not MathTex"
            )
    elif name == "Tex" and "$" not in "".join(texts) and _is_mathematics(" ".join(texts)):
        yield script.replacing(call.func, _renamed(script, call, "MathTex"), "a formula is MathTex, not Tex")


def _has_formula(text: str) -> bool:
    """Whether there are dollar signs beside those of a formula within the words of a formula."""
    return re.search(r"(?<!\\)\$", _TEXT_IN_MATH.sub(" ", text)) is not None


def _renamed(script: Script, call: ast.Call, name: str) -> str:
    prefix = script.source(call.func).rpartition(".")[0]
    return f"{prefix}.{name}" if prefix else name


def _is_delimited(text: str) -> bool:
    """Whether a whole string is one formula between dollar signs."""
    text = text.strip()
    inner = text.strip("$")
    return len(text) > 2 and text[0] == text[-1] == "$" and "$" not in inner and bool(inner.strip())


def _without_dollars(
    script: Script, call: ast.Call, strings: list[ast.Constant], literals: list[StringLiteral]
) -> Iterator[Edit]:
    for string in strings:
        start, end = script.span(string)
        for literal in literals:
            if literal.start == start and literal.end == end and _is_delimited(str(string.value)):
                new = literal.written(literal.prefix, literal.body.strip().strip("$").strip())
                yield Edit(
                    start, end, new, script.noted(call, "MathTex takes formulas without dollar signs ($)")
                )


def _is_mathematics(text: str) -> bool:
    """Whether a text without dollar signs can only be one formula."""
    if _FORMULA_IN_TEXT.search(text) or not _MATHEMATICS.search(text):
        return False
    return not _WORD.search(_TEXT_IN_MATH.sub(" ", text))
