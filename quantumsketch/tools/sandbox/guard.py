"""The last thing before a payload: looks at the walls from inside; if one is missing, nothing starts.

Its verdict is one byte on its standard input, which leads to the host. It is the call's first process, and
what it becomes has another standard input: if any process that a payload sees held that line, the payload
might read the verdict away, and the host would think that nothing had run.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from quantumsketch.tools.sandbox import guard_inside

LOOK = r"""
while read -r name value; do
    case $name in
        Cap*:) caps=$caps${value##*0000000000000000} ;;
        NoNewPrivs:) privs=$value ;;
        Seccomp:) filter=$value ;;
    esac
done </proc/self/status
if [ "$privs$filter$caps" != 12 ]; then
    echo "a wall is missing: NoNewPrivs=$privs Seccomp=$filter, capabilities: '$caps'" >&2
    exit 1
fi
printf . >&0 || exit 1
exec "$@" </dev/null
"""
"""For /bin/sh, which takes a millisecond to start where Python takes twenty."""


def guarded(command: Sequence[str], *, proc: bool) -> list[str]:
    """Return the command behind a guard; without /proc the guard needs Python to be visible inside."""
    if proc:
        return ["/bin/sh", "-c", LOOK, "guard", *command]
    return [sys.executable, "-I", "-S", guard_inside.__file__, *command]
