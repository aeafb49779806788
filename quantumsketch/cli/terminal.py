"""Lines for a person: results on standard output, everything else on standard error. Knows no colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic import BaseModel


def tell(text: str) -> None:
    """Print a line of the result."""
    click.echo(printable(text))


def tell_line(text: str) -> None:
    """Print one line of the result with the words of others in it: none of them begins another line."""
    click.echo(printable(text, kept=""))


def tell_object(thing: BaseModel) -> None:
    """Print the result as one JSON object."""
    click.echo(thing.model_dump_json(indent=2))


def remark(text: str) -> None:
    """Print a line about what is going on, to standard error."""
    click.echo(printable(text), err=True)


def printable(text: str, kept: str = "\n\t") -> str:
    """Show control characters as escapes, but those `kept`: a model's title must not steer the terminal."""
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)
