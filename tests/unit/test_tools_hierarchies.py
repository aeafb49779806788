"""Where a process stands in the control groups, read from the tables of several kinds of machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.hierarchies import Hierarchy, found

ROOT = Path("/sys/fs/cgroup")

VERSION_1 = """\
23 1 254:0 / / rw,relatime - ext4 /dev/root rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
VERSION_2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
DOCKER_1 = "99 98 0:32 /docker/4f2a /sys/fs/cgroup/memory ro,nosuid master:11 - cgroup cgroup rw,memory\n"
ODDLY_NAMED = "30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n"


def _v1(folder: str, own: str, *controllers: str) -> Hierarchy:
    return Hierarchy(ROOT / folder, ROOT / folder / own, frozenset(controllers))


@pytest.mark.parametrize(
    ("mounted", "membership", "expected"),
    [
        (
            VERSION_1,
            "8:pids:/\n4:memory:/jobs/7\n3:cpu,cpuacct:/\n2:name=systemd:/\n0::/\n",
            [
                _v1("cpu,cpuacct", "", "cpu", "cpuacct"),
                _v1("memory", "jobs/7", "memory"),
                _v1("pids", "", "pids"),
                _v1("systemd", "", "name=systemd"),
                Hierarchy(ROOT / "unified", ROOT / "unified"),
            ],
        ),
        (
            VERSION_2,
            "0::/user.slice/user-1000.slice/session-1.scope\n",
            [Hierarchy(ROOT, ROOT / "user.slice/user-1000.slice/session-1.scope")],
        ),
        (DOCKER_1, "4:memory:/docker/4f2a\n0::/\n", [_v1("memory", "", "memory")]),
        (DOCKER_1, "4:memory:/docker/4f2a/inner\n", [_v1("memory", "inner", "memory")]),
        (ODDLY_NAMED, "0::/\n", [Hierarchy(Path("/my groups"), Path("/my groups"))]),
    ],
    ids=["version 1 and an empty 2", "version 2", "container", "in a container", "blanks"],
)
def test_our_own_group_is_found(mounted: str, membership: str, expected: list[Hierarchy]) -> None:
    assert found(mounted, membership) == expected


@pytest.mark.parametrize(
    ("mounted", "membership"),
    [
        ("", "0::/\n"),
        (VERSION_2, ""),
        (VERSION_2, "4:memory:/\n"),
        (VERSION_2, "0::/../../elsewhere\n"),
        (DOCKER_1, "4:memory:/docker/other\n"),
        ("31 23 0:28 / /sys/fs/cgroup/memory rw - tmpfs tmpfs rw,memory\n", "4:memory:/\n0::/\n"),
    ],
    ids=["nothing mounted", "no groups", "other version", "above the root", "beside the mount", "a tmpfs"],
)
def test_a_group_that_has_no_folder_here_is_not_found(mounted: str, membership: str) -> None:
    assert found(mounted, membership) == []


def test_only_the_hierarchy_without_controllers_is_of_version_2() -> None:
    kinds = {here.top.name: here.unified for here in found(VERSION_1, "4:memory:/\n0::/\n")}
    assert kinds == {"memory": False, "unified": True}
