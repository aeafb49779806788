"""Who makes calls behind Landlock: whoever runs the tests and, where that is root, an ordinary user too."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.landlock_caller import USERS, Caller, caller


@pytest.fixture(scope="module", params=[*USERS.values()], ids=[*USERS])
def somebody(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Who makes the calls, once as each user."""
    with caller(request.param) as found:
        yield found


@pytest.fixture
def mark() -> str:
    """A number of seconds that only this test's processes sleep."""
    return f"1000.{secrets.randbelow(10**9):09d}1"
