"""Which files of a codebase are read, and what is told of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.errors import BadInput
from quantumsketch.memory.codebases.files import LARGEST_FILE, read_sources
from quantumsketch.memory.codebases.reading import read_codebase
from tests.codebases import kinds, read, write


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"def f(:\n", "no Python in line 1"),
        (b"x = 1\x00", "no Python"),
        (b"# coding: nonsense\nx = 1", "no Python"),
        (b"x = '\xff'", "no Python"),
        (b"x = " + b"(" * 5_000 + b")" * 5_000, ""),
        (b"x = " + b"-" * 90_000 + b"1", ""),
        (b"x = " + b"9" * 9_000, "no Python"),
    ],
)
def test_a_file_that_is_no_python_is_told_and_stops_nothing(text: bytes, why: str) -> None:
    reading = read({"shop/bad.py": text, "shop/good.py": "def f(): ..."})
    (skipped,) = reading.skipped
    assert skipped.path == "shop/bad.py"
    assert why in skipped.why
    assert ("function", "shop.good.f") in kinds(reading)
    assert reading.may_be_there("shop.bad.Something(x)")
    assert not reading.may_be_there("shop.badly")


def test_declared_encodings_are_read() -> None:
    text = '# -*- coding: latin-1 -*-\ndef f():\n    """Grüße."""\n'
    reading = read({"shop/a.py": text.encode("latin-1"), "shop/b.py": b"\xef\xbb\xbfdef g(): ..."})
    assert not reading.skipped
    assert next(e.description for e in reading.entities if e.name == "shop.a.f") == "Grüße."


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    reading = read({"shop/a.py": data, "shop/b.py": "def f(): ..."})
    assert ("function", "shop.b.f") in kinds(reading)


def test_a_folder_is_read_without_what_is_hidden_made_or_not_python(tmp_path: Path) -> None:
    keep = ["shop/__init__.py", "shop/build/__init__.py", "tests/test_a.py", "setup.py"]
    leave = [
        ".git/a.py", ".venv/a.py", "node_modules/a.py", "build/a.py", "dist/a.py", "shop/__pycache__/a.py",
        "environment/lib/a.py", "shop/.hidden.py", "shop/secret.env", "shop.egg-info/a.py",
    ]  # fmt: skip
    write(tmp_path / "x", dict.fromkeys([*keep, *leave, "environment/pyvenv.cfg"], ""))
    reading = read_codebase(tmp_path / "x", name="shop")
    modules = [entity.properties or {} for entity in reading.entities if entity.kind == "module"]
    files = {told["file"] for told in modules}
    assert files == set(keep)
    without = read_codebase(tmp_path / "x", name="shop", tests=False)
    assert ("module", "shop/tests.test_a") in kinds(reading) - kinds(without)
    assert str(tmp_path) not in repr(reading)


def test_links_large_files_and_what_is_no_file_are_skipped_and_told(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"a.py": "class Outside: ..."})
    folder = write(tmp_path / "x", {"shop/__init__.py": "", "shop/large.py": b"#" * (LARGEST_FILE + 1)})
    (folder / "link.py").symlink_to(outside / "a.py")
    (folder / "folder").symlink_to(outside)
    os.mkfifo(folder / "pipe.py")
    write(folder, {"shop/a b.py": "class Unnamed: ..."})
    reading = read_codebase(folder, name="shop")
    assert {each.path: each.why for each in reading.skipped} == {
        "link.py": "a link",
        "folder": "a link",
        "pipe.py": "no regular file",
        "shop/large.py": "larger than 1,048,576 bytes",
        "shop/a b.py": "another module has its name, or none can have",
    }
    assert {name for kind, name in kinds(reading) if kind == "class"} == set()
    assert reading.may_be_there("shop.large.Thing")
    assert reading.may_be_there("shop/folder.a.Thing")
    assert not reading.may_be_there("shop.other")


def test_of_too_many_files_the_others_are_told_to_be_unread(tmp_path: Path) -> None:
    write(tmp_path, {f"shop/m{place}.py": "" for place in range(5)})
    reading = read_codebase(tmp_path, name="shop", most_files=3)
    assert len([entity for entity in reading.entities if entity.kind == "module"]) == 3
    assert [each.path for each in reading.skipped] == ["."]
    assert reading.may_be_there("shop.whatever")
    write(tmp_path, {f"shop/m{place}.py": "#" * 100 for place in range(5)})
    sources = read_sources(tmp_path, most_bytes=250)
    assert (len(sources.texts), sources.complete) == (3, False)
    assert read_sources(tmp_path, most_bytes=1_000).complete


PROJECT = '[project]\nname = "my-shop"\nversion = "1.2"'
POETRY = '[tool.poetry]\nname = "p"\nversion = "3"'
METADATA = "Name: shop\nVersion: 2.1\n\n"
SHOP = {"shop/__init__.py": ""}


@pytest.mark.parametrize(
    ("files", "inside", "found"),
    [
        ({"pyproject.toml": PROJECT, "my_shop/__init__.py": ""}, "", ("my_shop", "1.2")),
        ({"pyproject.toml": PROJECT, "other/__init__.py": ""}, "", ("my-shop", "1.2")),
        ({"pyproject.toml": POETRY, "src/p/__init__.py": ""}, "", ("p", "3")),
        ({"pyproject.toml": "nonsense [", "a.py": ""}, "", ("x", None)),
        ({**SHOP, "shop-2.1.dist-info/METADATA": METADATA}, "shop", ("shop", "2.1")),
        (
            {**SHOP, "other-9.dist-info/METADATA": METADATA, "other-9.dist-info/top_level.txt": "shop"},
            "shop",
            ("shop", "2.1"),
        ),
        (SHOP, "shop", ("shop", None)),
        ({"shop/__init__.py": "__version__ = '7.0rc1'"}, "shop", ("shop", "7.0rc1")),
        ({"shop/__init__.py": "__version__ = 'sk-live'"}, "shop", ("shop", None)),
    ],
)
def test_name_and_version_are_what_the_project_says(
    tmp_path: Path, files: dict[str, str], inside: str, found: tuple[str, str | None]
) -> None:
    reading = read_codebase(write(tmp_path / "x", files) / inside)
    assert (reading.name, reading.version) == found
    given = read_codebase(tmp_path / "x" / inside, name="mine", version="0")
    assert (given.name, given.version) == ("mine", "0")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", "x" * 101, "\u200b"])
def test_a_name_that_no_codebase_can_have_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"a.py": ""})
    with pytest.raises(BadInput, match="a codebase cannot be called"):
        read_codebase(tmp_path, name=name)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    for name in ("nowhere", "a.py", "x" * 300):
        (tmp_path / "a.py").write_text("")
        with pytest.raises(BadInput, match="is no folder"):
            read_codebase(tmp_path / name)
