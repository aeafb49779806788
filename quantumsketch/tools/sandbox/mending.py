"""What most probably makes a better sandbox work on this machine. What works, real calls decide, not this."""

from __future__ import annotations

import os
from pathlib import Path

PROFILE = """
  {sudo}apt-get install -y apparmor-profiles
  {sudo}ln -sf /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/
  {sudo}apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict"""
ON_UBUNTU = f"Allow bubblewrap its user namespaces:{PROFILE}"
IN_DOCKER = f"""Start the container with these flags:
  docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\
    --security-opt systempaths=unconfined
If it has them and the host is Ubuntu, load the profile bwrap-userns-restrict on the host:{PROFILE}"""
IN_PODMAN = """Start the container with these flags:
  podman run --security-opt seccomp=unconfined --security-opt label=disable --security-opt unmask=ALL"""
ALLOWING_USER_NAMESPACES = {
    "user/max_user_namespaces": "{sudo}sysctl -w user.max_user_namespaces=15000",
    "kernel/unprivileged_userns_clone": "{sudo}sysctl -w kernel.unprivileged_userns_clone=1",
}
"""By the setting that forbids them, where it is 0."""
INSTALL = "bubblewrap 0.8 or newer is needed: {sudo}apt-get install -y bubblewrap"
UNCOVER_PROC = """Something covers a part of /proc (findmnt -R /proc), so the kernel gives no new one.
In a container: docker run --security-opt systempaths=unconfined; podman run --security-opt unmask=ALL;
in Kubernetes securityContext.procMount: Unmasked with hostUsers: false."""


def mending(root: Path = Path("/")) -> str:
    """Return what most probably lets bubblewrap work on the machine whose files lie below `root`."""
    return _for_this_user(_mending(root))


def mending_of_proc(root: Path = Path("/")) -> str:
    """Return what most probably lets bubblewrap, which works here without it, have a /proc of its own."""
    in_container = (root / ".dockerenv").exists() or (root / "run/.containerenv").exists()
    return _for_this_user(_mending(root) if in_container else UNCOVER_PROC)


def _mending(root: Path) -> str:
    if (root / ".dockerenv").exists():
        return IN_DOCKER
    if (root / "run/.containerenv").exists():
        return IN_PODMAN
    settings = root / "proc/sys"
    if _reads(settings / "kernel/apparmor_restrict_unprivileged_userns", "1"):
        return ON_UBUNTU
    closed = [command for file, command in ALLOWING_USER_NAMESPACES.items() if _reads(settings / file, "0")]
    return f"Allow user namespaces: {'; '.join(closed)}" if closed else INSTALL


def _for_this_user(commands: str) -> str:
    return commands.replace("{sudo}", "" if os.geteuid() == 0 else "sudo ")


def _reads(file: Path, value: str) -> bool:
    return file.exists() and file.read_text().strip() == value
