"""No text that calls itself Python keeps the reader busy: time grows with its length alone."""

from __future__ import annotations

import time

import pytest

from quantumsketch.memory.codebases.definitions import LONGEST_DOTTED_NAME
from tests.codebases import facts, kinds, properties, read

LONG = ".b" * 900
SECONDS = 10.0
"""Of the processor: each takes about one."""

HOSTILE = {
    "long dotted names": "import a\n"
    + "".join(f"@a{LONG}\ndef f{n}(x=a{LONG}) -> a{LONG}:\n    return a{LONG}\n" for n in range(60)),
    "long attributes of a call": "".join(f"def f{n}():\n    a(){LONG}\n" for n in range(300)),
    "empty lines before a docstring": 'def f():\n    """' + "\n" * 600_000 + 'About f."""\n',
    "a long dotted name that is offered": 'def f():\n    """Deprecated. Use ' + "a." * 300_000 + 'b."""\n',
    "a long line of ancestors": "class A0: ...\n"
    + "".join(f"class A{n}(A{n - 1}):\n    def f{n}(self): ...\n" for n in range(1, 4_000)),
    "many bases of what many inherit": "".join(f"class B{n}: ...\n" for n in range(2_000))
    + f"class C({', '.join(f'B{n}' for n in range(2_000))}): ...\n"
    + "".join(f"class D{n}(C):\n    def f{n}(self): self.g()\n" for n in range(2_000)),
    "stars of one module again and again": "from shop.good import *\n" * 20_000
    + "".join(f"n{n}()\n" for n in range(20_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_read_in_time_that_grows_with_its_length_alone(text: str) -> None:
    began = time.process_time()
    reading = read({"shop/bad.py": text, "shop/good.py": "def f(): ..."})
    assert time.process_time() - began < SECONDS
    assert {("module", "shop.bad"), ("function", "shop.good.f")} <= kinds(reading)
    assert reading.skipped == []


def test_the_beginning_of_a_long_dotted_name_is_still_followed() -> None:
    code = f"import shop.tea\ndef f(): shop.tea.Pot{LONG}\ndef g(): shop.tea.Pot.Lid.b.b"
    reading = read({"shop/tea.py": "class Pot:\n    class Lid: ...", "shop/a.py": code})
    assert {("shop.a.f", "shop.tea.Pot"), ("shop.a.g", "shop.tea.Pot.Lid")} <= facts(reading, "uses")


def test_a_file_whose_names_are_too_long_to_be_is_named_and_left_out() -> None:
    methods = "".join(f"    def f{n}(self): ...\n" for n in range(5_000))
    reading = read({"shop/bad.py": f"class {'A' * 400_000}:\n{methods}", "shop/good.py": "def f(): ..."})
    (skipped,) = reading.skipped
    assert skipped.path == "shop/bad.py"
    assert f"a dotted name of more than {LONGEST_DOTTED_NAME:,} characters" in skipped.why
    assert ("function", "shop.good.f") in kinds(reading)
    assert reading.may_be_there("shop.bad.f")  # it closes nothing


@pytest.mark.parametrize(
    "files",
    [
        {"shop/a.py": "class A(A.x):\n    def f(self): self.g()\n"},
        {"shop/a.py": "class A(B.x): ...\nclass B(A.x): ...\n"},
        {"shop/a.py": "".join(f"class A{n}(A{n + 1}.x): ...\n" for n in range(3_000))},
        {f"shop/m{n}.py": f"from shop.m{n + 1} import x\nx()\n" for n in range(1_500)},
        {f"shop/m{n}.py": f"from shop.m{n + 1} import *\nx()\n" for n in range(1_500)},
    ],
    ids=["a class in itself", "a circle", "a line of bases", "a line of imports", "a line of stars"],
)
def test_what_leads_in_a_circle_or_too_far_means_nothing_and_stops_nothing(files: dict[str, str]) -> None:
    reading = read({**files, "shop/good.py": "def f(): g()\ndef g(): ..."})
    assert ("shop.good.f", "shop.good.g") in facts(reading, "uses")
    assert reading.skipped == []


def test_of_a_thing_that_is_offered_everywhere_the_shortest_names_are_told() -> None:
    packages = {f"shop/p{n:04}/__init__.py": "from shop.tea import Pot" for n in range(500)}
    reading = read({"shop/__init__.py": "", "shop/tea.py": "class Pot: ...", **packages})
    told = properties(reading, "shop.tea.Pot")["public_names"]
    assert isinstance(told, list)
    assert told == [f"shop.p{n:04}.Pot" for n in range(100)]
