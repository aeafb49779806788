"""The border to Postgres: its errors become ours. Nothing above this knows an error of psycopg.

QueryCanceled                      TookTooLong          it may not take as long as it did
OperationalError, InterfaceError   ServiceUnavailable   not there, gone, overloaded: a retry can help
DataError                          BadInput             a value that Postgres cannot hold
everything else                    QuantumSketchError   ours or the administrator's to mend
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from quantumsketch.errors import BadInput, QuantumSketchError, ServiceUnavailable, TookTooLong


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Raise our error for any of psycopg's; `action` says what was being done, such as 'record a video'."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error, action) from error


def translate(error: psycopg.Error, action: str) -> QuantumSketchError:
    """Return our error for `error`."""
    reason = " ".join(str(error).split()) or type(error).__name__
    match error:
        case psycopg.errors.QueryCanceled():
            words = error.diag.message_primary or reason  # programs of others are told it: no statement
            return TookTooLong(
                f"it took the database longer than it may to {action}: {words}",
                mend="Ask for less at a time, or again in a moment.",
            )
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return ServiceUnavailable(
                f"Postgres did not answer when asked to {action}: {reason}",
                mend="Check that the server runs, and that QS_DATABASE_URL, if it is set, names it.",
            )
        case psycopg.DataError():
            return BadInput(f"Postgres cannot hold what was given to {action}: {reason}")
        case psycopg.errors.InsufficientPrivilege():
            return QuantumSketchError(f"Postgres does not allow this login to {action}: {reason}")
        case _:
            return QuantumSketchError(f"Postgres refused to {action}: {reason}")
