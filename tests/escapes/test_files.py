"""Files: what the host has is neither read nor changed, whichever way is taken."""

from __future__ import annotations

import pytest

from tests.escapes.case import Case, Kind
from tests.escapes.harms import changed, learnt
from tests.escapes.users import User

KIND = Kind.FILES
CASES = (
    Case(
        name="read a file by its path",
        probe="print(open(at.hidden + '/secret').read())",
        harm=learnt,
    ),
    Case(
        name="write into an input",
        probe="open(at.given, 'w').write('changed')",
        harm=changed,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_file_of_the_host_is_reached(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
