"""What in a text could lead a reader, or a reader's program, elsewhere: addresses, links, HTML tags. Pure.

Whole: up to the next white space. Programs differ in where they let an address end, so nothing of it is left
out. It does not find a name of a host alone, nor an address in words.
"""

from __future__ import annotations

import re
from html import unescape

_LEAD = re.compile(
    r"""
    (?: \]\([ \t\r\n]*                                               # a link's target, whatever it is
      | (?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:[/\\]                      # https://host, https:/host
      | (?<![a-z])(?:https?|ftps?|wss?|file|mailto|tel|sms|data|javascript|vbscript|blob):(?=\S)
      | (?<![\w/\\])[/\\]{2}(?=\w)                                   # //host, \\host
      | (?<![a-z])www\.(?=\S)
      | (?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:/|[?\#]\w)   # host.example/more
    )
    [^ \t\r\n\f\v]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TAG = re.compile(r"<[a-z/!?][^<>]*>", re.IGNORECASE)
_LINK = re.compile(r"\]\([ \t\r\n]*")
_CITED_BEHIND = re.compile(r"\)(?:\[\d{1,3}\]){1,20}$")
_POINTS = ".,;:!?*_)}>\"'`|’”»"
_NEVER_IN_AN_ADDRESS = re.compile(r"[<>()\[\]{}\"'`|\\]|[^!-~]")


def leads_of(text: str) -> set[str]:
    """Return each address and tag in a text, without points behind it; an entity is what it stands for."""
    text = unescape(text)
    return {_trimmed(found[0]) for found in _LEAD.finditer(text)} | set(_TAG.findall(text))


def leads_held_by(text: str) -> set[str]:
    """Return what of a text may be repeated: its addresses and tags, and where brackets would end them."""
    whole = leads_of(text)
    return whole | {_NEVER_IN_AN_ADDRESS.split(lead, maxsplit=1)[0].rstrip(_POINTS) for lead in whole}


def _trimmed(lead: str) -> str:
    lead = _LINK.sub("", lead, count=1) if lead.startswith("](") else lead
    return _CITED_BEHIND.sub("", lead.rstrip(_POINTS.replace(")", ""))).rstrip(f"{_POINTS}]")
