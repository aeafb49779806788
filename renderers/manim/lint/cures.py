"""Finds the Python in what a model wrote, and mends what keeps it from parsing. Knows no names of Manim.

The sure cures are right whatever follows; the others count only if the source parses in the end.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Callable

from renderers.manim.lint.literals import outside_strings
from renderers.manim.lint.script import parses
from renderers.manim.lint.tex_strings import with_raw_tex, with_tex_braces

Cure = Callable[[str], str]

_FENCED = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S)
_FENCE_LINE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n?", re.M)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.S)
_CODE_BEGINS = re.compile(
    r"^(from\s+[\w.]+\s+import\s|import\s+\w|class\s+\w+|def\s+\w+\s*\(|@\w|config\.)", re.M
)
_HTML = re.compile(r"&(lt|gt|amp|quot|#39|#x27);")

_TYPOGRAPHIC = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009", " "),
    **dict.fromkeys("\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", ""),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u00d7": "*", "\u00f7": "/", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u2192": "->",
    "\uff08": "(", "\uff09": ")", "\uff0c": ",", "\uff1a": ":", "\u2026": "...",
}  # fmt: skip
_TIMES = 3
"""A cure can uncover what another one is for."""
_TO_PLAIN = str.maketrans(_TYPOGRAPHIC)


def readable(text: str) -> tuple[str, list[str]]:
    """The Python in a text, mended so far that it parses if that is in our power, and what was mended."""
    text, notes = _tried(text.replace("\r\n", "\n").replace("\r", "\n"), _SURE)
    if parses(text):
        return text, list(dict.fromkeys(notes))
    mended, more = _tried(text, _IF_IT_HELPS)
    return (mended, [*notes, *more]) if parses(mended) else (text, notes)


def _tried(text: str, cures: dict[str, Cure]) -> tuple[str, list[str]]:
    notes: list[str] = []
    for note, cure in [*cures.items()] * _TIMES:
        if parses(text):
            break
        changed = cure(text)
        if changed != text:
            gone = set(text) & set(_TYPOGRAPHIC) - set(changed)
            notes.append(
                note + ", ".join(sorted(map(_described, gone))) if cure is _plain_characters else note
            )
            text = changed
    return text, list(dict.fromkeys(notes))


def _described(character: str) -> str:
    name = unicodedata.name(character, "character").lower()
    return f"{name} (U+{ord(character):04X}{f' {character}' if character.isprintable() else ''})"


def _without_thoughts(text: str) -> str:
    return _THOUGHT.sub("", text)


def _without_fences(text: str) -> str:
    blocks = [match[3] for match in _FENCED.finditer(text)]
    if not blocks:
        return _FENCE_LINE.sub("", text)
    scenes = [block for block in blocks if "def construct" in block or "(Scene)" in block]
    return textwrap.dedent(max(scenes or blocks, key=len))


def _plain_characters(text: str) -> str:
    """Typographic characters outside strings become what a keyboard has; so do quotes that delimit."""
    return outside_strings(text, lambda code: code.translate(_TO_PLAIN))


def _without_prose(text: str) -> str:
    """The code without the sentences before and after it."""
    begin = _CODE_BEGINS.search(text)
    if begin is None:
        return text
    lines = text[begin.start() :].splitlines(keepends=True)
    for end in range(len(lines), 0, -1):
        if _is_code("".join(lines[end:])):
            break
        if parses("".join(lines[:end])):
            return "".join(lines[:end]).rstrip() + "\n"
    return text[begin.start() :]


def _is_code(tail: str) -> bool:
    """Whether the end of a text that is to be cut off may be code that is broken."""
    first = tail.lstrip("\n")
    return bool(_CODE_BEGINS.search(tail)) or first[:1] in (" ", "\t")


def _unescaped(text: str) -> str:
    """Source that came as a string of another language, with its line ends spelled out."""
    if text.strip().count("\n") > text.count("\\n") / 4:
        return text
    text = text.strip().removeprefix('"').removesuffix('"')
    marked = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "    ").replace('\\"', '"')
    return marked.replace("\0", "\\")


def _without_entities(text: str) -> str:
    return _HTML.sub(lambda match: html.unescape(match.group()), text)


def _dedented(text: str) -> str:
    return textwrap.dedent(text.expandtabs(4))


def _without_prompts(text: str) -> str:
    return re.sub(r"^(>>>|\.\.\.) ?", "", text, flags=re.M)


_SURE: dict[str, Cure] = {
    "took out the model's reasoning around the code": _without_thoughts,
    "took the code out of its code fence": _without_fences,
    "replaced typographic characters in the code: ": _plain_characters,
}
_IF_IT_HELPS: dict[str, Cure] = {
    "turned HTML entities back into characters": _without_entities,
    "turned escaped line ends into line ends": _unescaped,
    "moved the code to the left margin": _dedented,
    "made TeX strings raw": with_raw_tex,
    "doubled the braces of TeX in f-strings": with_tex_braces,
    "took out interpreter prompts": _without_prompts,
    "took out the words around the code": _without_prose,
}
