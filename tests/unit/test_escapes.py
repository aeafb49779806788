"""The adversarial suite is complete: every kind is there, and every case can tell harm from none."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from pathlib import Path

import tests.escapes
from tests.escapes.case import Case, Kind
from tests.escapes.users import User

FOLDER = Path(tests.escapes.__file__).parent
MODULES = [importlib.import_module(f"tests.escapes.{path.stem}") for path in sorted(FOLDER.glob("test_*.py"))]
ENOUGH = 50


def _kinds(module: object) -> set[Kind]:
    return {module.KIND} if hasattr(module, "KIND") else set()


def _cases(module: object) -> tuple[Case, ...]:
    return tuple(getattr(module, "CASES", ()))


def test_every_kind_of_attempt_is_there() -> None:
    assert {kind for module in MODULES if _cases(module) for kind in _kinds(module)} == set(Kind)


def test_there_are_enough_cases_with_names_of_their_own() -> None:
    names = Counter((module.__name__, case.name) for module in MODULES for case in _cases(module))
    assert len(names) >= ENOUGH
    assert [name for name, times in names.items() if times > 1] == []


def test_every_case_has_a_control_that_differs_from_the_attempt_and_a_judgement() -> None:
    for case in (case for module in MODULES for case in _cases(module)):
        assert case.control is not case.attack, case.name
        assert callable(case.harm), case.name
        assert case.probe or inspect.getmodule(case.attack) is not importlib.import_module(
            "tests.escapes.ways"
        )


def test_every_file_of_cases_hands_each_of_them_to_every_user() -> None:
    for module in MODULES:
        tests_of_cases = [
            test
            for name, test in vars(module).items()
            if name.startswith("test_")
            and inspect.isfunction(test)
            and {"case", "attacker"} <= set(inspect.signature(test).parameters)
        ]
        assert tests_of_cases, module.__name__
        for test in tests_of_cases:
            assert inspect.signature(test).parameters["attacker"].annotation == User.__name__
