"""One tree of errors. Each says what happened, to what, and what to do; each knows whether a retry can help.

    QuantumSketchError            exit 1
    ├── BadInput                  exit 2   the caller's words cannot be used as they are (HTTP 4xx)
    │   ├── AlreadyThere                   what was to be new is there (HTTP 409)
    │   └── NotAllowed                     not by this key, not beyond this quota, not from outside (HTTP 403)
    ├── NotFound                  exit 2   no such video, asset, tool or tenant (HTTP 404)
    ├── ServiceUnavailable        retry    Temporal, Postgres or another server does not answer
    │   └── TookTooLong                    it answers, and came to no end in the time that it may take
    ├── SandboxUnavailable                 no working sandbox on this machine: nothing is rendered
    ├── ToolFailed                         a sandboxed call ended in anything but success
    ├── ModelFailed                        one call to one model failed (its subclass says how)
    ├── RunFailed                          a video's run ended without a video
    ├── RunCancelled                       a video's run was cancelled by a person
    └── AssetCorrupt              retry    stored bytes do not match their name

Foreign errors are translated to these at the borders only (psycopg, provider, Temporal, HTTP).
"""

from __future__ import annotations

from typing import ClassVar


class QuantumSketchError(Exception):
    """What happened and to what, and what to do about it."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, mend: str = "") -> None:
        super().__init__(what, mend)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what}. {self.mend}".strip() if self.mend else self.what


class BadInput(QuantumSketchError):
    """The input cannot be used as it is; nothing was started."""

    exit_code = 2


class AlreadyThere(BadInput):
    """What was to be new is there already."""


class NotAllowed(BadInput):
    """What was asked for can be done, and not by who asks."""


class NotFound(QuantumSketchError):
    """What was asked for does not exist, or not for this tenant."""

    exit_code = 2


class ServiceUnavailable(QuantumSketchError):
    """A server that is needed does not answer."""

    retryable = True


class TookTooLong(ServiceUnavailable):
    """A server did not come to an end in the time that this may take."""


class SandboxUnavailable(QuantumSketchError):
    """No working sandbox here: it fails closed, `mend` is the command that installs or allows one."""


class ToolFailed(QuantumSketchError):
    """A sandboxed call did not succeed."""


class ModelFailed(QuantumSketchError):
    """One call to one model failed."""


class RunFailed(QuantumSketchError):
    """A run ended without a video."""


class RunCancelled(QuantumSketchError):
    """A run was cancelled by a person."""


class AssetCorrupt(QuantumSketchError):
    """Stored bytes do not match the name they are stored under."""

    retryable = True
