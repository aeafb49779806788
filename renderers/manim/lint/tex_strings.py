r"""TeX in Python strings: backslashes that Python takes for escapes, braces that an f-string would evaluate.

Works on the strings as they are written, so that it can mend source that does not parse yet.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from renderers.manim.lint.literals import StringLiteral, string_literals
from renderers.manim.lint.script import parses

_COMMANDS = """
    alpha angle approx arccos arcsin arctan arg ast aleph
    bar because begin beta bf big Big bigcap bigcup bigg Bigg bigl bigr binom bmod boldsymbol bot boxed bullet
    backslash between
    flat footnotesize forall frac frown
    nabla natural ne nearrow neg neq newline ni nleq ngeq nmid nonumber not notin nparallel nu
    rangle rbrace rceil Re rfloor rho right rightarrow rightharpoonup rm rvert rVert
    tan tanh tau text textbf textcolor textit textrm textstyle texttt tfrac therefore theta tilde times tiny
    to top triangle
    ulcorner underbrace underline underset uparrow updownarrow uplus upsilon urcorner
    varepsilon varkappa varphi varpi varrho varsigma vartheta vdash vdots vec vee vert vphantom vspace
    xi xleftarrow xrightarrow xmapsto"""
_SWALLOWED = frozenset(_COMMANDS.split())
"""The commands whose first letter makes the backslash a Python escape."""
_TELLING = 4
"""So many letters make it a command of TeX, wherever it stands."""
_SEQUENCE = re.compile(r"\\([A-Za-z]+|.)", re.S)
_TEX = re.compile(r"\\[A-Za-z]{2,}|\\[,;!{}|]|\^\{|_\{")
_ESCAPES = frozenset("\\'\"\nabfnrtvxuUN01234567")


def with_raw_tex(text: str) -> str:
    r"""The source with a raw prefix on every string whose TeX keeps it from parsing: `\upsilon`, `\xi`."""
    return _rewritten(text, lambda literal: raw(literal) if _breaks(literal) else None)


def _breaks(literal: StringLiteral) -> bool:
    lost = [match[1] for match in _SEQUENCE.finditer(literal.body) if _is_lost(match[1])]
    return any(sequence[0] in "uxUN" for sequence in lost)


def with_tex_braces(text: str) -> str:
    """The source with the braces doubled that hold TeX and no expression, in the f-strings that hold TeX."""
    return _rewritten(text, lambda literal: braced(literal, _is_an_expression))


def raw(literal: StringLiteral) -> str | None:
    """A string as it has to be written for its TeX to survive; None if it is right as it is."""
    if literal.is_raw or "\\" not in literal.body:
        return None
    sequences = [match[1] for match in _SEQUENCE.finditer(literal.body)]
    if not any(_is_lost(sequence) or _is_no_escape(sequence) for sequence in sequences):
        return None
    if any(_is_meant(sequence) for sequence in sequences):
        body = _SEQUENCE.sub(lambda m: m[0] if _is_meant(m[1]) or m[1] == "\\" else f"\\{m[0]}", literal.body)
        return literal.written(literal.prefix, body)
    if re.search(r"\\\\[A-Za-z]", literal.body):
        body = _SEQUENCE.sub(lambda m: m[0] if m[1] == "\\" else f"\\{m[0]}", literal.body)
        return literal.written(literal.prefix, body)
    return literal.written(f"r{literal.prefix.replace('u', '').replace('U', '')}", literal.body)


def is_swallowed(literal: StringLiteral) -> bool:
    r"""Whether Python makes control characters of what can only be TeX: `\ni` may well be a line end."""
    sequences = [match[1] for match in _SEQUENCE.finditer(literal.body)]
    return not literal.is_raw and any(_is_lost(one) and len(one) >= _TELLING for one in sequences)


def _is_lost(sequence: str) -> bool:
    """A command of TeX that Python takes for an escape."""
    return sequence in _SWALLOWED


def _is_no_escape(sequence: str) -> bool:
    """A backslash that Python leaves in place, with a warning."""
    return sequence[0] not in _ESCAPES


def _is_meant(sequence: str) -> bool:
    """An escape of Python's own that no raw string could hold: a line end, a quote, a code point."""
    if sequence in _SWALLOWED:
        return False
    return sequence[0] in "\n'\"nt" or bool(re.match(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}", sequence))


def braced(literal: StringLiteral, is_expression: Callable[[str], bool]) -> str | None:
    """An f-string with TeX in it, its braces doubled where they hold no expression; None if it is right."""
    if not literal.is_formatted or not _TEX.search(literal.body):
        return None
    body = _doubled(literal.body, is_expression)
    if body == literal.body:
        return None
    if any(inner is not None for _, inner in _fields(body)):
        return literal.written(literal.prefix, body)
    prefix = re.sub("[fF]", "", literal.prefix)
    return literal.written(prefix, body.replace("{{", "{").replace("}}", "}"))


def _doubled(body: str, is_expression: Callable[[str], bool]) -> str:
    parts: list[str] = []
    for piece, inner in _fields(body):
        in_braces = parts[-1:] == ["{{"]  # {{{2}}} is a field, in the braces of TeX
        if inner is None or is_expression(inner) or (in_braces and is_number(inner)):
            parts.append(piece)
        else:
            parts.append(f"{{{{{_doubled(inner, is_expression)}}}}}")
    return "".join(parts)


def _fields(body: str) -> Iterator[tuple[str, str | None]]:
    """The text of an f-string in pieces, each with the inside of its braces or None."""
    at = 0
    while at < len(body):
        if body.startswith(("{{", "}}"), at):
            yield body[at : at + 2], None
            at += 2
        elif body[at] == "{" and (end := _closing(body, at)):
            yield body[at : end + 1], body[at + 1 : end]
            at = end + 1
        else:
            yield body[at], None
            at += 1


def _closing(body: str, opening: int) -> int | None:
    depth = 0
    for at in range(opening, len(body)):
        depth += {"{": 1, "}": -1}.get(body[at], 0)
        if depth == 0:
            return at
    return None


def _is_an_expression(inner: str) -> bool:
    value = re.split(r"(?<!!)[!:](?!=)", inner, maxsplit=1)[0].removesuffix("=")
    is_braced_number = value == inner and is_number(value)
    return bool(value.strip()) and "\\" not in value and parses(f"({value})") and not is_braced_number


def is_number(text: str) -> bool:
    """Whether the inside of braces is a plain number: `{2}` is TeX, `{2:.1f}` is a field."""
    try:
        return isinstance(ast.literal_eval(text.strip()), int | float)
    except (ValueError, SyntaxError):
        return False


def _rewritten(text: str, rewrite: Callable[[StringLiteral], str | None]) -> str:
    for literal in reversed(list(string_literals(text))):
        new = rewrite(literal)
        if new is not None:
            text = text[: literal.start] + new + text[literal.end :]
    return text
