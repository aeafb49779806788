"""A scene's source with its syntax tree: where things stand, which names it binds, what Manim calls them.

Knows no rule. Positions are counted in characters; the tree's own are in bytes of a line.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from functools import cached_property
from typing import cast

from quantumsketch.checking import Fault
from renderers.manim.knowledge import ManimIndex
from renderers.manim.lint.edits import Edit

_MOST_LINES = 6
Definition = ast.FunctionDef | ast.AsyncFunctionDef


def parse(text: str) -> ast.Module:
    """The tree of a source. Raises SyntaxError (for null bytes and impossible depth, too)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or type(error).__name__) from error


def parses(text: str) -> bool:
    """Whether a source is Python."""
    try:
        parse(text)
    except SyntaxError:
        return False
    return True


def excerpt(lines: list[str], first: int, last: int) -> str:
    """Numbered lines of a source, from 1; of many, the first ones."""
    shown = lines[first - 1 : min(last, first + _MOST_LINES - 1)]
    return "\n".join(f"{number}: {line}" for number, line in enumerate(shown, first))


class Script:
    """One version of a scene's source, and what can be read off it."""

    def __init__(self, text: str, index: ManimIndex) -> None:
        """Parse `text`. Raises SyntaxError."""
        self.text = text
        self.lines = text.split("\n")
        self.index = index
        self.tree = parse(text)
        self.parents = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def offset(self, line: int, column: int) -> int:
        """Where a place of the tree (line from 1, column in bytes) is in the text."""
        start = self._line_starts[line - 1]
        rest = self.text[start : self._line_starts[line]]
        return start + len(rest.encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The first character of a node, and the one after its last."""
        at = cast(ast.expr, node)
        return (
            self.offset(at.lineno, at.col_offset),
            self.offset(at.end_lineno or at.lineno, at.end_col_offset or 0),
        )

    @cached_property
    def place_for_imports(self) -> int:
        """Where an import may stand: after the docstring and what has to come first."""
        place = 0
        for node in self.tree.body:
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                break
            place = self.text.find("\n", self.span(node)[1]) + 1
        return place

    def source(self, node: ast.AST) -> str:
        """A node as it is written."""
        start, end = self.span(node)
        return self.text[start:end]

    def replacing(self, node: ast.AST, text: str, note: str) -> Edit:
        """The edit that writes something else in a node's place."""
        return Edit(*self.span(node), text, self.noted(node, note))

    def noted(self, node: ast.AST, note: str) -> str:
        """A note with the line that it is about."""
        return f"line {cast(ast.expr, node).lineno}: {note}"

    def fault(self, rule: str, node: ast.AST, message: str) -> Fault:
        """What is wrong with a node, with its line and the lines that hold it."""
        at = cast(ast.expr, node)
        last = at.lineno if isinstance(node, ast.stmt) else at.end_lineno or at.lineno
        return Fault(rule=rule, message=message, line=at.lineno, excerpt=excerpt(self.lines, at.lineno, last))

    def without_statement(self, node: ast.stmt, note: str) -> Edit:
        """The edit that takes a statement out, leaving `pass` where a block would be empty."""
        block = self._block_of(node)
        start, end = self.span(node)
        line = self.text.rfind("\n", 0, start) + 1
        after = self.text.find("\n", end)
        rest = self.text[end : after if after >= 0 else len(self.text)].strip()
        alone = not self.text[line:start].strip() and (not rest or rest.startswith("#"))
        if len(block) == 1 or not alone:
            return Edit(start, end, "pass", self.noted(node, note))
        return Edit(line, after + 1 if after >= 0 else len(self.text), "", self.noted(node, note))

    def _block_of(self, node: ast.stmt) -> list[ast.stmt]:
        parent = self.parents[node]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and node in block:
                return block
        return [node]

    def enclosing(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """The nearest node of one of these kinds around a node."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, kinds):
            parent = self.parents.get(parent)
        return parent

    @cached_property
    def bound(self) -> set[str]:
        """Every name that the source itself binds, anywhere in it; Manim's star import left out."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                case ast.arg(arg=name):
                    found.add(name)
                case ast.alias(name=name, asname=other) if name != "*":
                    found.add(other or name.partition(".")[0])
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                    found.add(name)
                case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    found.add(name)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    found.update(names)
        return found

    @cached_property
    def from_manim(self) -> dict[str, str]:
        """The names that the source imports from Manim one by one, to what they are there."""
        return {
            alias.asname or alias.name: alias.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "manim"
            for alias in node.names if alias.name in self.index.exported
        }  # fmt: skip

    @cached_property
    def prefixes(self) -> set[str]:
        """What Manim itself is called here: `mn` after `import manim as mn`."""
        return {
            alias.asname or alias.name
            for node in ast.walk(self.tree) if isinstance(node, ast.Import)
            for alias in node.names if alias.name == "manim"
        }  # fmt: skip

    @cached_property
    def stored_attributes(self) -> set[str]:
        """The attributes that the source stores on anything, by any of the usual ways."""
        found = {
            node.attr for node in ast.walk(self.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }  # fmt: skip
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), *_]):
                    found.add(name)
                case ast.Call(func=ast.Attribute(attr="set"), keywords=keywords):
                    found.update(keyword.arg for keyword in keywords if keyword.arg)
        return found

    def manim_name(self, node: ast.expr) -> str | None:
        """The name of Manim that an expression stands for, None if it is something else."""
        match node:
            case ast.Name(id=name) if name in self.from_manim:
                return self.from_manim[name]
            case ast.Name(id=name) if name in self.index.exported and name not in self.bound:
                return name
            case ast.Attribute(value=ast.Name(id=prefix), attr=name) if prefix in self.prefixes:
                return name if name in self.index.exported else None
        return None

    def is_known(self, name: str) -> bool:
        """Whether a plain name means anything here."""
        return name in self.bound or name in self.index.exported or hasattr(builtins, name) or (
            name in {"__name__", "__file__", "__doc__", "__builtins__"}
        )  # fmt: skip
