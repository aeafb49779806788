"""What names in a codebase lead to: bases, uses, replacements, however they are imported."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codebases import facts, kinds, properties, read


def test_bases_are_followed_through_imports_aliases_stars_and_circles() -> None:
    reading = read(
        {
            "shop/__init__.py": "from .base import *\nfrom . import round\n",
            "shop/base.py": "__all__ = ['Pot']\nclass Pot(Exception): ...\nclass Hidden: ...\n",
            "shop/round.py": "from shop import Pot as P\nimport shop.base as b\nimport numpy as np\n"
            "from abc import ABC\nfrom typing import Generic\n"
            "class A(P, ABC): ...\nclass B(b.Hidden, np.ndarray): ...\nclass C(Generic[int], unknown): ...\n"
            "class D(make()): ...\n",
            "shop/x.py": "from .y import Z\n",
            "shop/y.py": "from .x import Z\nclass W(Z): ...\nclass V(V): ...\n",
        }
    )
    assert facts(reading, "inherits") == {
        ("shop.base.Pot", "builtins.Exception"),
        ("shop.round.A", "shop.base.Pot"),
        ("shop.round.A", "abc.ABC"),
        ("shop.round.B", "shop.base.Hidden"),
        ("shop.round.B", "numpy.ndarray"),
        ("shop.round.C", "typing.Generic"),
    }
    stub = next(entity for entity in reading.entities if entity.name == "numpy.ndarray")
    assert (stub.kind, stub.description, stub.properties) == ("class", None, None)


def test_a_package_offers_what_its_modules_define_under_public_names() -> None:
    reading = read(
        {
            "shop/__init__.py": "from .tea import *\nfrom .tea import brew as make, _secret\n",
            "shop/tea.py": "class Pot: ...\ndef brew(): ...\ndef _secret(): ...\n",
        }
    )
    assert properties(reading, "shop.tea.Pot")["public_names"] == ["shop.Pot"]
    assert properties(reading, "shop.tea.brew")["public_names"] == ["shop.brew", "shop.make"]
    assert "public_names" not in properties(reading, "shop.tea._secret")


USES = {
    "shop/tools.py": """
        def heat(): ...
        class Cup:
            def fill(self): ...
            @property
            def full(self): ...
    """,
    "shop/use.py": """
        from shop import tools
        from .tools import Cup as C, heat
        class Mug(C):
            size = heat()
            def drink(self, cup: C):
                self.fill()
                super().fill()
                return self.full.real
            @classmethod
            def new(cls):
                cls.drink
                from .tools import heat as warm
                def inner():
                    return warm()
        def shadowed(heat):
            tools = 1
            return heat(), tools.heat(), unknown(), print()
        def plain(x: C = C):
            x.fill()
            return [tools.Cup.fill, lambda: tools.heat]
        heat()
    """,
}


def test_uses_are_what_names_lead_to_and_nothing_that_is_guessed() -> None:
    assert facts(read(USES), "uses") == {
        ("shop.use.Mug", "shop.tools.heat"),
        ("shop.use.Mug.drink", "shop.tools.Cup.fill"),
        ("shop.use.Mug.drink", "shop.tools.Cup.full"),
        ("shop.use.Mug.new", "shop.use.Mug.drink"),
        ("shop.use.Mug.new", "shop.tools.heat"),
        ("shop.use.plain", "shop.tools.Cup"),
        ("shop.use.plain", "shop.tools.Cup.fill"),
        ("shop.use.plain", "shop.tools.heat"),
        ("shop.use", "shop.tools.heat"),
    }


def test_a_method_overrides_that_of_the_nearest_base() -> None:
    source = (
        "class A:\n def f(self): ...\nclass B(A): ...\nclass C(B):\n def f(self): ...\n def g(self): ...\n"
    )
    assert facts(read({"shop/a.py": source}), "overrides") == {("shop.a.C.f", "shop.a.A.f")}


DEPRECATED = '''
    import warnings
    from warnings import warn
    from elsewhere import deprecated, deprecated_params

    def new(): ...

    @deprecated(since="v1.2", replacement="new", message="It is cooler.")
    def by_decorator(): ...

    @deprecated
    def bare(): ...

    def by_warning():
        """Old."""
        warnings.warn("by_warning() is old, use `new` instead", DeprecationWarning, stacklevel=2)

    def sometimes(a=None):
        if a:
            warn("a is old, use new", DeprecationWarning)

    def other_warning():
        warn("use new", UserWarning)

    @deprecated_params(params="a, b", since="1")
    def of_parameters(a, c): ...

    class Pot:
        """Round.

        .. deprecated:: 2.0
            Replaced by :class:`~shop.a.Kettle`,
            which whistles.

        :param x: a text
        """

        def old(self):
            """.. deprecated:: 3"""

        @deprecated("use `better`")
        def good(self): ...

        def better(self): ...

    class Kettle:
        """Whistles.

        Parameters
        ----------
        x
            .. deprecated:: 4
        """
'''


def test_deprecations_are_found_in_decorators_warnings_and_docstrings() -> None:
    reading = read({"shop/a.py": DEPRECATED})
    names = ["by_decorator", "bare", "by_warning", "of_parameters(a)", "Pot", "Pot.old", "Pot.good"]
    assert facts(reading, "deprecates") == {("shop", f"shop.a.{name}") for name in names}
    assert facts(reading, "replaced_by") == {
        ("shop.a.by_decorator", "shop.a.new"),
        ("shop.a.by_warning", "shop.a.new"),
        ("shop.a.Pot", "shop.a.Kettle"),
        ("shop.a.Pot.good", "shop.a.Pot.better"),
    }
    assert properties(reading, "shop.a.by_decorator")["deprecated_since"] == "v1.2"
    assert properties(reading, "shop.a.Pot")["deprecated_since"] == "2.0"
    assert properties(reading, "shop.a.bare")["deprecated"] is True
    assert "deprecated" not in properties(reading, "shop.a.Kettle")


def test_of_two_things_of_one_name_the_first_says_what_replaces_it() -> None:
    inside = "class a:\n  class Old:\n    'Deprecated: use `New` instead.'\n  class New: ...\n"
    beside = "class Old:\n  'Deprecated: use `Other` instead.'\nclass Other: ...\n"
    reading = read({"shop/__init__.py": inside, "shop/a.py": beside})
    assert facts(reading, "replaced_by") == {("shop.a.Old", "shop.a.New")}
    alone = read({"shop/__init__.py": "", "shop/a.py": beside})
    assert facts(alone, "replaced_by") == {("shop.a.Old", "shop.a.Other")}


@pytest.mark.parametrize(
    ("docstring", "since", "instead"),
    [
        ("Deprecated.", None, None),
        ("Deprecated: use `new` instead.", None, "new"),
        ("DEPRECATED since version 1.4, use new().", "1.4", "new"),
        ("[Deprecated in v2] Old.", "2", None),
        ("Deprecated alias of :func:`new`.\n\nSince 3.0 nobody needs it.", None, "new"),
    ],
)
def test_a_docstring_that_begins_so_deprecates_what_it_belongs_to(
    docstring: str, since: str | None, instead: str | None
) -> None:
    reading = read({"shop/a.py": f"def new(): ...\ndef old():\n    {docstring!r}\n"})
    assert facts(reading, "deprecates") == {("shop", "shop.a.old")}
    assert properties(reading, "shop.a.old").get("deprecated_since") == since
    assert facts(reading, "replaced_by") == ({("shop.a.old", f"shop.a.{instead}")} if instead else set())


@pytest.mark.parametrize(
    "docstring", ["Warns of deprecated things.", "Deprecated parameters are left out.", "Undeprecated.", ""]
)
def test_a_docstring_that_speaks_of_deprecation_otherwise_deprecates_nothing(docstring: str) -> None:
    assert facts(read({"shop/a.py": f"def old():\n    {docstring!r}\n"}), "deprecates") == set()


def test_names_are_unique_among_codebases() -> None:
    files = {"tests/conftest.py": "class A: ...", "shop/__init__.py": "class A: ..."}
    one, other = (kinds(read(files, name)) for name in ("shop", "shop-2"))
    assert ("class", "shop.A") in one
    assert ("class", "shop/tests.conftest.A") in one
    assert ("class", "shop-2/shop.A") in other
    assert not one & other


def test_the_source_folder_is_no_part_of_names_and_neighbours_are_found_without_packages() -> None:
    reading = read(
        {
            "src/shop/__init__.py": "from shop.a import f\nf()",
            "src/shop/a.py": "def f(): ...",
            "backend/manage.py": "from app.models import M\nM()",
            "backend/app/models.py": "class M: ...",
        }
    )
    assert facts(reading, "uses") == {
        ("shop", "shop.a.f"),
        ("shop/backend.manage", "shop/backend.app.models.M"),
    }


STATEMENTS = st.sampled_from(
    [
        "from . import {0}", "from .{0} import *", "from .a import {1} as {0}", "import shop.{0} as {1}",
        "class {0}({1}): ...", "class {0}({0}):\n  def {1}(self, {0}={1}): super().{1}(); self.{0}.{1}",
        "def {0}({1}, {1}): return {0}.{1}", "{0} = {1}", "@deprecated(replacement='{1}')\ndef {0}(): {1}()",
        "class {0}:\n  class {1}({0}): ...", "__all__ = ['{0}', '{1}']", "import {0}.{1}",
        "match x:\n  case {{'{0}': {1}, **{0}}}: ...", "def {0}(self: '{1}[{0}]' = {0}.{1}): ...",
    ]
)  # fmt: skip
SOURCES = st.lists(
    st.builds(str.format, STATEMENTS, st.sampled_from("abc"), st.sampled_from("abc")), max_size=6
).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({f"shop/{name}.py": SOURCES for name in ("__init__", "a", "b", "c")}))
def test_any_tangle_of_names_is_read(files: dict[str, str]) -> None:
    reading = read(files)
    assert not reading.skipped
    assert reading.entities == read(files).entities
