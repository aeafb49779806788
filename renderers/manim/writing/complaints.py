"""Reads TeX's log: what TeX complains of, with the offending part. Knows no Manim and runs nothing."""

from __future__ import annotations

import os
import re

_ERROR = re.compile(r"^! (.+)$", re.MULTILINE)
_CONTROL = re.compile(r"\\(?:[a-zA-Z@]+|.)\s*$")
_OURS = re.compile(r"\\special ?\{[^}]*\}|\\(?:textstyle|displaystyle)\b ?")
"""What was put around the formula, not written by its author."""
_MEANINGS = (
    ("Undefined control sequence", "TeX has no such command: use one of amsmath or amssymb, or write it out"),
    ("Missing } inserted", "a brace is not closed, or a dollar sign stands in a formula"),
    ("Missing { inserted", "an argument in braces is missing"),
    ("Extra }, or forgotten", "the braces do not pair, or \\left lacks its \\right"),
    ("Too many }", "there is a closing brace too many"),
    ("Missing $ inserted", "_, ^ or \\frac stands in plain text: put the formula between dollar signs"),
    ("Missing \\endgroup", "an environment or a bracket is not closed"),
    ("Missing \\cr", "an environment such as matrix or cases is not closed"),
    ("Missing \\right", "\\left needs a \\right: write '\\right.' if nothing is to be shown"),
    ("Missing delimiter", "\\left and \\right must be followed by a bracket or a dot"),
    ("Double superscript", "put braces around the inner one: a^{b^c}"),
    ("Double subscript", "put braces around the inner one: a_{b_c}"),
    ("Misplaced alignment", "write \\& for the sign, or use an environment such as aligned"),
    ("Extra alignment tab", "there are more columns than the environment has"),
    ("You can't use `macro parameter", "write \\# for the sign"),
    ("File ended while scanning", "a brace or an environment is not closed"),
    ("Runaway argument", "a brace is not closed"),
    ("Argument of", "a brace or bracket is not closed"),
    ("Paragraph ended", "a brace is not closed before an empty line"),
    ("not set up for use with LaTeX", "write it as a TeX command, or show it with Text instead"),
    ("Unicode character", "write it as a TeX command, or show it with Text instead"),
    ("ended by", "the environment is not closed, or closed under another name"),
    ("Environment", "use an environment of amsmath, such as aligned, cases or pmatrix"),
    ("File `", "only the usual packages of LaTeX are there: do without it"),
)  # fmt: skip


def widen_log() -> None:
    """Have TeX write its log in long lines, so that no word of a complaint is cut; for later runs."""
    for name, characters in (("max_print_line", 1000), ("error_line", 254), ("half_error_line", 238)):
        os.environ[name] = str(characters)


def complaint(log: str) -> str | None:
    """The first error in TeX's `log`, with the offending part and what it means; None if there is none."""
    found = _ERROR.search(log)
    if found is None:
        return None
    said, after = _whole(found.group(1), log[found.end() :])
    said = said.removeprefix("LaTeX Error: ").removeprefix("Package amsmath Error: ").strip().rstrip(".")
    if part := _offending(said, after):
        said = f"{said}: {part}"
    meaning = next((fix for words, fix in _MEANINGS if words in said), None)
    return f"{said} ({meaning})" if meaning else said


def _whole(first: str, after: str) -> tuple[str, str]:
    """The message's lines that belong together (LaTeX indents what goes on), and the log behind them."""
    while match := re.match(r"\n {3,}(\S[^\n]*)", after):
        first, after = f"{first} {match.group(1)}", after[match.end() :]
    return first, after


def _offending(said: str, after: str) -> str | None:
    """What TeX had just read when it complained."""
    lines = [line for line in after.splitlines()[:12] if line.startswith(("<argument>", "l.", "<recently"))]
    context = [re.sub(r"^(<[^>]*>|l\.\d+) ?", "", line) for line in lines]
    read = next((words for words in map(_bare, context) if words), "")
    if said.startswith("Undefined control sequence"):
        command = _CONTROL.search(read)
        return command.group().strip() if command else None
    if not read or "\\typeout" in read or re.fullmatch(r"\\end ?\{[^}]*\}|[$}]+", read):
        return None
    return f"after {read[-40:]!r}"


def _bare(words: str) -> str:
    return _OURS.sub("", words).removeprefix("...").strip()
