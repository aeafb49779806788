"""Who makes the attempts: the user who runs the tests and, where that is root, an ordinary one too."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.escapes.users import ORDINARY, User, user

OURSELVES = os.geteuid()
USERS = {"as root": 0, "as an ordinary user": ORDINARY} if OURSELVES == 0 else {"as this user": OURSELVES}


@pytest.fixture(scope="session", params=[*USERS.values()], ids=[*USERS])
def attacker(request: pytest.FixtureRequest) -> Iterator[User]:
    """Somebody who makes attempts, once as each user."""
    with user(request.param) as found:
        yield found
