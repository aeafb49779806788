"""Cuts the fewest numbered lines out of a source that hold a fault. Pure."""

from __future__ import annotations

import ast

_MOST_LINES = 8


def excerpt(code: str, line: int | None) -> str:
    """The statement at `line`, its lines numbered, below the header of its function; '' without a line."""
    lines = code.splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    first, last, header = _statement(code, line)
    if last - first >= _MOST_LINES:
        first, last = max(first, line - 3), min(last, line + 3)
    numbers = list(range(first, last + 1))
    if header is not None and header < first:
        numbers.insert(0, header)
    return "\n".join(f"{number}: {lines[number - 1]}" for number in numbers)


def _statement(code: str, line: int) -> tuple[int, int, int | None]:
    """First and last line of the innermost statement at `line`, and its function's header."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return max(1, line - 1), min(len(code.splitlines()), line + 1), None
    around = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]  # fmt: skip
    if not around:
        return line, line, None
    innermost = max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)))
    first, last = innermost.lineno, innermost.end_lineno or innermost.lineno
    if body := getattr(innermost, "body", None):  # of a compound statement only its head
        first, last = (first, body[0].lineno - 1) if line < body[0].lineno else (line, line)
        last = max(first, last)
    functions = [node for node in around if isinstance(node, ast.FunctionDef) and node is not innermost]
    header = functions[-1].lineno if functions and functions[-1].name != "construct" else None
    return first, last, header


def while_around(code: str, line: int | None) -> int | None:
    """The line in which the innermost while loop around `line` begins, None if it is in none."""
    if line is None:
        return None
    loops = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.While)]
    return max((loop.lineno for loop in loops if loop.lineno <= line <= (loop.end_lineno or 0)), default=None)
