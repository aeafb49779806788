"""The command line of the sandbox: what it shows, what it forbids, and what a policy cannot change."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantumsketch
import renderers
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT, isolation, limited
from quantumsketch.tools.sandbox.mounts import MASKED
from quantumsketch.tools.tool import HARD_TIMEOUT_S, Limits, Policy

SCRATCH = Path("/some/where/scratch")


def _pairs(arguments: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    for at, argument in enumerate(arguments):
        if argument == option:
            yield arguments[at + 1], arguments[at + 2]


def _shown(policy: Policy) -> set[str]:
    mounted = _pairs(isolation(policy, SCRATCH, {}), "--ro-bind")
    return {source for source, place in mounted if not place.startswith("/proc/")}


@given(asked=st.floats(min_value=0.01, max_value=HARD_TIMEOUT_S))
def test_the_clock_inside_strikes_after_ours_and_soon(asked: float) -> None:
    clock = limited(["true"], Limits(wall_s=asked))[:3]
    assert clock[:2] == ["/usr/bin/timeout", "--signal=KILL"]
    assert asked < float(clock[2]) <= HARD_TIMEOUT_S + 1


@pytest.mark.parametrize(
    "bounds",
    [{"wall_s": 30.1}, {"wall_s": 0}, {"wall_s": math.inf}, {"wall_s": math.nan}, {"memory_bytes": -1},
     {"cpu_s": math.inf}, {"processes": 0}, {"scratch_files": 0}],
)  # fmt: skip
def test_limits_that_bound_nothing_are_refused(bounds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limit is a positive|longer than 30 s"):
        Limits(**bounds)


def test_only_scratch_is_bound_writable() -> None:
    arguments = isolation(Policy(python=True), SCRATCH, {})
    assert list(_pairs(arguments, "--bind")) == [(str(SCRATCH), "/scratch")]
    assert not {"--dev-bind", "--bind-try", "--share-net", "--cap-add"} & set(arguments)


def test_root_devices_and_the_kernels_files_become_read_only_after_everything_is_mounted() -> None:
    arguments = isolation(Policy(python=True), SCRATCH, {"a": Path("/usr/bin/env")})
    after = arguments[arguments.index("--remount-ro") :]
    places = ["/proc", "/dev/pts", "/dev", "/"]
    assert after == [*(part for place in places for part in ("--remount-ro", place)), "--chdir", "/scratch"]


def test_every_wall_is_asked_for() -> None:
    arguments = isolation(Policy(), SCRATCH, {})
    wanted = {
        "--unshare-all",
        "--unshare-user",
        "--disable-userns",
        "--new-session",
        "--die-with-parent",
        "--clearenv",
    }
    assert wanted <= set(arguments)
    assert arguments[arguments.index("--cap-drop") + 1] == "ALL"
    assert dict(_pairs(arguments, "--setenv")) == ENVIRONMENT


def test_python_shows_the_environment_and_our_packages_but_not_the_project() -> None:
    more = _shown(Policy(python=True)) - _shown(Policy())
    packages = {str(Path(str(package.__file__)).parent) for package in (quantumsketch, renderers)}
    assert {sys.prefix, *packages} <= more | {path for path in packages if path.startswith(sys.prefix)}
    project = Path(str(quantumsketch.__file__)).parents[1]
    assert str(project) not in more
    assert not any(Path.home().is_relative_to(path) for path in more)


def test_a_policy_without_python_shows_only_the_system() -> None:
    allowed = ("/usr", "/bin", "/sbin", "/lib", "/etc", "/var/cache/fontconfig", "/var/lib/texmf")
    shown = _shown(Policy())
    assert "/usr" in shown
    assert all(path.startswith(allowed) for path in shown)
    assert "/etc" not in shown


def test_what_the_kernel_tells_of_the_whole_machine_is_masked() -> None:
    mounted = _pairs(isolation(Policy(), SCRATCH, {}), "--ro-bind")
    masked = {place for source, place in mounted if source == "/dev/null"}
    assert masked == {f"/proc/{name}" for name in MASKED if Path("/proc", name).exists()}
    assert {"/proc/keys", "/proc/cmdline"} & masked


@pytest.mark.parametrize(
    "folder",
    [Path("/"), Path.home(), Path.home().parent, Path("relative"), Path("/usr/../etc"), Path("/etc"),
     Path("/proc/1"), Path("/sys"), Path("/dev"), Path("/run/docker.sock"), Path("/var"), Path("/usr/\0")],
)  # fmt: skip
def test_a_readable_folder_that_shows_too_much_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"sandbox|absolute"):
        Policy(readable=(folder,))


@pytest.mark.parametrize("domain", ["*", "*.com", "127.0.0.1", "http://example.org", "localhost"])
def test_a_domain_that_opens_too_much_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        Policy(domains=("example.org", domain))


def test_where_there_is_no_proc_none_is_mounted() -> None:
    arguments = isolation(Policy(), SCRATCH, {}, proc=False)
    assert "/proc" not in arguments
    assert "--proc" in isolation(Policy(), SCRATCH, {})


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../up"])
def test_an_input_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        isolation(Policy(), SCRATCH, {name: Path("/usr/bin/env")})


def test_an_input_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        isolation(Policy(), SCRATCH, {"a": Path("/usr/no-such-file")})
