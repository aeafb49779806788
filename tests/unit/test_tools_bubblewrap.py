"""The command line of the sandbox: what it shows, what it forbids, and what a policy cannot change."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantumsketch
import renderers
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT, isolation, limited, wall_s
from quantumsketch.tools.tool import HARD_TIMEOUT_S, Limits, Policy

SCRATCH = Path("/some/where/scratch")


def _pairs(arguments: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    for at, argument in enumerate(arguments):
        if argument == option:
            yield arguments[at + 1], arguments[at + 2]


def _shown(policy: Policy) -> set[str]:
    return {source for source, _ in _pairs(isolation(policy, SCRATCH, {}), "--ro-bind")}


@given(asked=st.floats(min_value=0.01, max_value=1e9))
def test_no_policy_gets_more_than_the_hard_timeout(asked: float) -> None:
    limits = Limits(wall_s=asked)
    assert wall_s(limits) == min(asked, 30)
    clock = limited(["true"], limits)[:3]
    assert clock[:2] == ["/usr/bin/timeout", "--signal=KILL"]
    assert wall_s(limits) < float(clock[2]) <= HARD_TIMEOUT_S + 1


def test_only_scratch_is_bound_writable() -> None:
    arguments = isolation(Policy(python=True), SCRATCH, {})
    assert list(_pairs(arguments, "--bind")) == [(str(SCRATCH), "/scratch")]
    assert not {"--dev-bind", "--bind-try", "--share-net", "--cap-add"} & set(arguments)


def test_root_devices_and_the_kernels_files_become_read_only_after_everything_is_mounted() -> None:
    arguments = isolation(Policy(python=True), SCRATCH, {"a": Path("/usr/bin/env")})
    after = arguments[arguments.index("--remount-ro") :]
    assert after[:2] == ["--remount-ro", "/proc"]
    assert after[2:] == ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/scratch"]


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


@pytest.mark.parametrize("folder", [Path("/"), Path.home(), Path.home().parent, Path("relative")])
def test_a_readable_folder_that_shows_too_much_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"sandbox|absolute"):
        isolation(Policy(readable=(folder,)), SCRATCH, {})


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../up"])
def test_an_input_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        isolation(Policy(), SCRATCH, {name: Path("/usr/bin/env")})


def test_an_input_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        isolation(Policy(), SCRATCH, {"a": Path("/usr/no-such-file")})
