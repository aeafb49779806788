"""No error of Postgres passes the border untranslated."""

from __future__ import annotations

import psycopg
import psycopg.errors
import psycopg_pool
import pytest

from quantumsketch.errors import BadInput, QuantumSketchError, ServiceUnavailable, TookTooLong
from quantumsketch.memory.failures import translate, translated

_ERRORS = sorted(
    {
        error
        for error in (*vars(psycopg).values(), *vars(psycopg.errors).values(), *vars(psycopg_pool).values())
        if isinstance(error, type) and issubclass(error, psycopg.Error)
    },
    key=lambda error: error.__name__,
)


def test_every_error_is_translated_and_worth_a_retry_only_if_a_retry_can_help() -> None:
    assert len(_ERRORS) > 200
    for error in _ERRORS:
        ours = translate(error("the reason"), "do something")
        assert "do something" in str(ours)
        assert "the reason" in str(ours)
        transient = issubclass(error, psycopg.OperationalError | psycopg.InterfaceError)
        assert ours.retryable is transient, error


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (psycopg_pool.PoolTimeout, ServiceUnavailable),
        (psycopg.errors.AdminShutdown, ServiceUnavailable),
        (psycopg.errors.QueryCanceled, TookTooLong),
        (psycopg.errors.DeadlockDetected, ServiceUnavailable),
        (psycopg.errors.TooManyConnections, ServiceUnavailable),
        (psycopg.errors.UntranslatableCharacter, BadInput),
        (psycopg.errors.InsufficientPrivilege, QuantumSketchError),
        (psycopg.errors.UniqueViolation, QuantumSketchError),
    ],
)
def test_the_usual_errors_become_what_they_mean(
    error: type[psycopg.Error], ours: type[QuantumSketchError]
) -> None:
    with pytest.raises(QuantumSketchError) as caught, translated("record a video"):
        raise error("why")
    assert type(caught.value) is ours
    assert isinstance(caught.value.__cause__, error)


def test_what_is_not_an_error_of_postgres_passes_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), translated("record a video"):
        raise ZeroDivisionError
