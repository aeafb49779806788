"""What the text of a definition says of its being deprecated: by decorator, warning or docstring. Pure.

The words themselves are not kept: only a version, and the names that they offer instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quantumsketch.memory.codebases.definitions import Definition, Function, dotted
from quantumsketch.memory.codebases.project import checked_version

_DIRECTIVE = re.compile(
    r"^\.\. deprecated::[ \t]*(\S*)(.*(?:\n[ \t]+\S.*|\n[ \t]*(?=\n[ \t]+\S))*)", re.MULTILINE
)
_BEGINNING = re.compile(
    r"\A\W{0,3}deprecated\b(?! (?:parameters|arguments|options|names|functions|classes|methods))"
    r"(?:.*?\b(?:since|in)(?: version)? v?(\d(?:[\w.]*\w)?))?",
    re.IGNORECASE,
)
"""A docstring that begins so speaks of what it belongs to."""
_NAME = r"(?::\w+(?::\w+)*:)?[`'\"]*[~.]?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
_INSTEAD = re.compile(
    r"\b(?:use|prefer|in favou?r of|(?:replaced|superseded) (?:by|with)|(?:renamed|moved) to"
    r"|alias (?:of|for))\s+"
    rf"(?:the\s+)?(?:(?:class|function|method)\s+)?{_NAME}",
    re.IGNORECASE,
)
_ABOUT_PARAMETERS = ("param", "arg")


@dataclass(frozen=True)
class Deprecation:
    """Something is deprecated."""

    since: str | None = None
    instead: list[str] = field(default_factory=list)
    """Dotted names that the text may offer, the likeliest first."""
    parameters: frozenset[str] | None = None
    """Not the definition but these parameters of it; None: the definition itself."""


def deprecations(thing: Definition, docstring: str) -> list[Deprecation]:
    """Return what is said of the definition itself and of its parameters."""
    found = [_decorated(each) for each in thing.node.decorator_list]
    found.append(_documented(docstring))
    if isinstance(thing.node, Function):
        found += [_warned(node) for node in _unconditional(thing.node.body)]
    return [each for each in found if each]


def of_module(docstring: str) -> list[Deprecation]:
    """Return what a module's docstring says of the module."""
    found = _documented(docstring)
    return [found] if found else []


def _decorated(decorator: ast.expr) -> Deprecation | None:
    call = decorator if isinstance(decorator, ast.Call) else None
    name = dotted(call.func if call else decorator)[-1:]
    if not name or not name[0].startswith("deprecated"):
        return None
    if any(part in name[0] for part in _ABOUT_PARAMETERS):
        texts = [text for text, _ in _texts(call)] if call else []
        return Deprecation(parameters=frozenset(word for text in texts for word in re.findall(r"\w+", text)))
    said = {keyword or "": text for text, keyword in _texts(call)} if call else {}
    instead = [said["replacement"]] if "replacement" in said else []
    since = next((found for name in ("since", "version") if (found := checked_version(said.get(name)))), None)
    return Deprecation(since, [*instead, *(name for text in said.values() for name in _offered(text))])


def _texts(call: ast.Call) -> Iterator[tuple[str, str | None]]:
    """The texts among the arguments, with the keyword of each."""
    arguments = [(each, None) for each in call.args] + [(each.value, each.arg) for each in call.keywords]
    for argument, keyword in arguments:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, keyword


def _documented(docstring: str) -> Deprecation | None:
    if directive := _DIRECTIVE.search(docstring):
        version, text = directive.groups()
        return Deprecation(checked_version(version), list(_offered(text)))
    first = " ".join(docstring.partition("\n\n")[0].split())
    if beginning := _BEGINNING.search(first):
        return Deprecation(checked_version(beginning[1]), list(_offered(first)))
    return None


def _unconditional(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Calls that are made whenever the function is: a warning behind an `if` is one of some of its uses."""
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node.value
        elif isinstance(node, ast.With):
            yield from _unconditional(node.body)


def _warned(call: ast.Call) -> Deprecation | None:
    kinds = [dotted(each)[-1:] for each in (*call.args, *(keyword.value for keyword in call.keywords))]
    if dotted(call.func)[-1:] not in (["warn"], ["warn_explicit"]):
        return None
    if not any(kind and kind[0].endswith("DeprecationWarning") for kind in kinds):
        return None
    return Deprecation(None, [name for text, _ in _texts(call) for name in _offered(text)])


def _offered(text: str) -> Iterator[str]:
    for match in _INSTEAD.finditer(text):
        yield match[1]
