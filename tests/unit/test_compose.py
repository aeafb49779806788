"""docker-compose.yml and Dockerfile, read: what they pin, grant, hand out and leave open. Nothing is run."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from quantumsketch.settings import Settings, variable_names

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text().replace("\\\n", " "), flags=re.MULTILINE)
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = ("web", "worker")

NEEDS_OF_THE_SANDBOX = {"seccomp:unconfined", "apparmor:unconfined", "systempaths=unconfined"}
WIDE_GRANTS = {
    "privileged",
    "cap_add",
    "devices",
    "pid",
    "ipc",
    "network_mode",
    "userns_mode",
    "cgroup",
    "user",
}
SECRET = re.compile(r"KEY|PASSWORD|PWD|SECRET|TOKEN")
REQUIRED = re.compile(r"\$\{\w+:\?[^}]+\}")
FROM_THE_BASE_IMAGE = {"python3-dev", "python3-venv"}
LIBRARY_OF_HEADERS = {"libcairo2-dev": "libcairo2", "libpango1.0-dev": "libpangocairo-1.0-0"}
COMPILING = {"build-essential", "pkg-config", *LIBRARY_OF_HEADERS}


def stages() -> list[str]:
    return re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]


def installed(stage: str) -> set[str]:
    """The Debian packages that a stage installs."""
    found = re.findall(r"apt-get install -y --no-install-recommends([^&]+)&&", stage)
    return {package for words in found for package in words.split()}


def interpolations() -> Iterator[tuple[str, str]]:
    """Every variable that the file asks .env for, and what it says if there is none."""
    yield from re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", COMPOSE)


def test_the_image_has_every_program_that_the_set_up_installs() -> None:
    table = re.search(r"<<'TABLE'\n(.+?)\nTABLE", (ROOT / "scripts/setup.sh").read_text(), re.DOTALL)
    assert table
    needed = {line.split()[1] for line in table[1].splitlines()}
    assert len(needed) > 10
    build, shipped = map(installed, stages())
    assert build == COMPILING
    assert shipped == needed - COMPILING - FROM_THE_BASE_IMAGE | set(LIBRARY_OF_HEADERS.values())


def test_every_image_is_pinned_to_a_version() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    others = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    assert len(bases) == 2
    assert bases[0] == bases[1]
    assert len(others) == len(SERVICES) - 2
    for image in (*bases, *others):
        assert re.search(r":v?\d+\.\d+", image), f"{image!r} is not pinned"


def test_our_own_image_has_the_projects_version_and_runs_without_root() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for name in OURS:
        assert SERVICES[name]["image"] == f"quantumsketch:{version}"
        assert SERVICES[name]["build"] == "."
    assert re.findall(r"^USER (\S+)", stages()[-1], re.MULTILINE) == ["sketch"]
    assert "useradd --create-home --uid 1000 sketch" in stages()[-1]


def test_the_image_is_installed_from_the_locks_and_ships_no_tools_of_developers() -> None:
    installs = re.findall(r"(?:pip install|pip sync)\s([^&\n]+)", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in words or "--no-deps --offline" in words for words in installs)
    builds = [words for words in installs if "requirements-dev.lock" in words]
    assert ["--build-constraints requirements-build.lock" in words for words in builds] == [True]
    assert [words.split()[-1] for words in installs] == [
        "requirements-uv.lock", "requirements-dev.lock", "requirements.lock", "/tmp/built/*.whl",
    ]  # fmt: skip


def test_only_the_worker_is_granted_what_the_sandbox_needs() -> None:
    for name, service in SERVICES.items():
        options = set(service.get("security_opt", ()))
        lifted = {option for option in options if "unconfined" in option}
        assert lifted == (NEEDS_OF_THE_SANDBOX if name == "worker" else set()), name
        assert not WIDE_GRANTS & service.keys(), name
        assert not [volume for volume in service.get("volumes", ()) if volume.startswith((".", "/", "~"))]
        if name in OURS:
            assert "no-new-privileges:true" in options
            assert service["cap_drop"] == ["ALL"]


def test_no_secret_has_a_default_or_stands_in_the_file() -> None:
    asked = [(name, otherwise) for name, otherwise in interpolations() if SECRET.search(name)]
    assert {name for name, _ in asked} == {"QS_POSTGRES_PASSWORD", "TEMPORAL_POSTGRES_PASSWORD"}
    assert all(otherwise.startswith(":?") for _, otherwise in asked)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert value is None or REQUIRED.fullmatch(value), name
            else:
                assert "PASSWORD" not in str(value), name


def test_the_models_keys_and_addresses_reach_those_who_ask_models_and_nobody_else() -> None:
    of_models = {name for name in variable_names() if name.endswith(("_API_KEY", "_API_BASE"))}
    assert len(of_models) > 5
    for name, service in SERVICES.items():
        assert of_models & service.get("environment", {}).keys() == (of_models if name in OURS else set())


def test_every_variable_of_ours_is_one_that_the_settings_read() -> None:
    elsewhere = {"QS_WORKER", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"}
    for_the_database = {"PGPASSWORD"}
    assert SERVICES["web"]["environment"].keys() <= set(variable_names()) | for_the_database
    assert SERVICES["worker"]["environment"].keys() == set(variable_names()) - elsewhere | for_the_database


def test_web_and_worker_use_the_servers_and_folder_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, works in (("web", "external"), ("worker", "inline")):
        with monkeypatch.context() as inside:
            for variable, value in SERVICES[name]["environment"].items():
                if value is not None:
                    inside.setenv(variable, value)
            settings = Settings()
        assert settings.worker == works
        assert settings.database_url
        assert "@graph:5432/" in settings.database_url.get_secret_value()
        assert (settings.temporal_address or "").partition(":")[0] in SERVICES
        assert f"quantumsketch:{settings.home}" in SERVICES[name]["volumes"]
        assert f"-m 0700 {settings.home}" in stages()[-1]


def test_nothing_listens_beyond_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"web", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_whoever_waits_waits_for_health_and_everyone_tells_theirs() -> None:
    waits = [wait for service in SERVICES.values() for wait in service.get("depends_on", {}).items()]
    assert len(waits) == 6
    for service, condition in waits:
        assert condition == {"condition": "service_healthy"}, service
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_every_volume_is_declared_and_every_database_has_one() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == yaml.safe_load(COMPOSE)["volumes"].keys()
    assert all("volumes" in SERVICES[name] for name in (*OURS, "graph", "temporal-db"))


def test_the_builder_sees_what_it_copies_and_no_secrets() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    allowed = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    copies = [shlex.split(words) for words in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)]
    copied = {source for *sources, _ in copies for source in sources}
    assert "quantumsketch" in copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, rule) for rule in allowed), source
    for rule in allowed:
        assert any(fnmatch(source, rule) for source in copied), f"{rule!r} is shown for nothing"


def test_the_example_file_says_what_compose_asks_for() -> None:
    _, _, part = (ROOT / ".env.example").read_text().partition("# --- docker compose alone")
    written = re.findall(r"^#?([A-Z][A-Z_]+)=", part, re.MULTILINE)
    assert sorted(written) == sorted({name for name, _ in interpolations()})
    assert re.findall(r"^([A-Z_]+)=$", part, re.MULTILINE) == [
        "QS_POSTGRES_PASSWORD", "TEMPORAL_POSTGRES_PASSWORD",
    ]  # fmt: skip
