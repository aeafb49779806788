"""Which host folders a policy may show, and where scratch may lie. Looks at nothing but the path itself."""

from __future__ import annotations

from pathlib import Path

CLOSED = tuple(map(Path, ("/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/etc", "/var/lib/docker")))
"""The kernel's and the system's own: settings, devices, sockets, accounts. What is needed is chosen."""

EVERYBODYS = tuple(map(Path, ("/home", "/tmp", "/var/tmp", "/srv", "/mnt", "/media")))  # noqa: S108
"""What lies below belongs to different people, or to different calls. A folder in it may be named."""


def refuse_wide(path: Path) -> None:
    """Refuse a path that shows too much: ValueError says why."""
    _refuse_odd("a readable folder", path)
    whole = path.resolve()
    if _home().is_relative_to(whole):
        raise ValueError(
            f"{str(path)!r} may not be visible in the sandbox: it holds the home folder; name a narrower one"
        )
    if any(whole.is_relative_to(closed) or closed.is_relative_to(whole) for closed in CLOSED):
        raise ValueError(f"{str(path)!r} may not be visible in the sandbox: it is the system's own")
    if whole in EVERYBODYS:
        raise ValueError(
            f"{str(path)!r} may not be visible in the sandbox: it is everybody's; name a folder in it"
        )


def refuse_scratch_at(path: Path) -> None:
    """Refuse a scratch folder that is everything, somebody's home, or the system's: ValueError says why."""
    _refuse_odd("the scratch folder", path)
    whole = path.resolve()
    if _home().is_relative_to(whole) or any(whole.is_relative_to(closed) for closed in CLOSED):
        raise ValueError(f"scratch may not be {str(path)!r}: give it a folder of its own")


def _refuse_odd(what: str, path: Path) -> None:
    if not path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise ValueError(f"{what} needs an absolute path without '..', {str(path)!r} is none")


def _home() -> Path:
    try:
        return Path.home().resolve()
    except RuntimeError:  # a user without an account has none
        return Path("/")
