"""Any text a person may paste, made showable. Knows nothing of what the text says."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, but they shape words of Persian and of the Indian scripts."""


def clean(text: str) -> str:
    """Give `text` composed (NFC), with plain line ends and without control or direction characters."""
    lines = unicodedata.normalize("NFC", text).replace("\t", "    ").splitlines()
    return "\n".join("".join(map(_showable, line)).rstrip() for line in lines).strip("\n")


def _showable(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    return " " if char.isspace() else ""
