"""What is told of the definitions of a codebase: small ones, written here as text."""

from __future__ import annotations

from tests.codebases import facts, kinds, properties, read

SECRET = "sk-live-0123456789"
TEA = '''
    """All about tea.

    And about nothing else.
    """
    from enum import Enum

    class Leaf(Enum):
        """A leaf."""

    class Pot:
        """What tea is made in.

        It is round.
        """

        def __init__(self, size: float = 1.5, *leaves: Leaf, lid=True, **more):
            pass

        @staticmethod
        def broken(why) -> "Pot": ...

        class Lid:
            async def lift(self): ...

    def brew(pot: Pot, /, minutes=-3): ...
'''


def test_what_a_module_defines_is_told_by_dotted_names() -> None:
    reading = read({"shop/__init__.py": "", "shop/tea.py": TEA})
    assert kinds(reading) == {
        ("codebase", "shop"),
        ("module", "shop"),
        ("module", "shop.tea"),
        ("class", "shop.tea.Leaf"),
        ("class", "shop.tea.Pot"),
        ("class", "shop.tea.Pot.Lid"),
        ("class", "enum.Enum"),
        ("method", "shop.tea.Pot.__init__"),
        ("method", "shop.tea.Pot.broken"),
        ("method", "shop.tea.Pot.Lid.lift"),
        ("function", "shop.tea.brew"),
        *[
            ("parameter", f"shop.tea.{name}")
            for name in (
                "Pot.__init__(size)", "Pot.__init__(leaves)", "Pot.__init__(lid)", "Pot.__init__(more)",
                "Pot.broken(why)", "brew(pot)", "brew(minutes)",
            )
        ],
    }  # fmt: skip
    assert {("shop", "shop"), ("shop", "shop.tea"), ("shop.tea", "shop.tea.Pot")} <= facts(
        reading, "contains"
    )
    assert ("shop.tea.Pot", "shop.tea.Pot.Lid") in facts(reading, "contains")
    assert ("shop.tea.brew", "shop.tea.brew(minutes)") in facts(reading, "has_parameter")


def test_the_first_paragraph_describes_and_the_whole_is_the_body_if_there_is_more() -> None:
    told = {entity.name: entity for entity in read({"shop/tea.py": TEA}).entities}
    pot, leaf = told["shop.tea.Pot"], told["shop.tea.Leaf"]
    assert (pot.description, pot.body) == (
        "What tea is made in.",
        "What tea is made in.\n\nIt is round.",
    )
    assert (leaf.description, leaf.body) == ("A leaf.", "")
    assert told["shop.tea"].description == "All about tea."


def test_parameters_have_their_kinds_defaults_and_annotations() -> None:
    reading = read({"shop/tea.py": TEA})
    assert properties(reading, "shop.tea.Pot.__init__(size)") == {
        "codebase": "shop",
        "position": 0,
        "kind": "positional_or_keyword",
        "required": False,
        "default": "1.5",
        "annotation": "float",
    }
    assert properties(reading, "shop.tea.Pot.__init__(leaves)")["annotation"] == "Leaf"
    assert properties(reading, "shop.tea.Pot.__init__(lid)")["kind"] == "keyword_only"
    assert properties(reading, "shop.tea.Pot.__init__(more)")["kind"] == "variadic_keyword"
    assert properties(reading, "shop.tea.brew(pot)")["kind"] == "positional_only"
    assert properties(reading, "shop.tea.brew(pot)")["required"] is True
    assert properties(reading, "shop.tea.brew(minutes)")["default"] == "-3"
    broken = properties(reading, "shop.tea.Pot.broken")
    assert (broken["returns"], broken["roles"]) == ("Pot", ["staticmethod"])
    assert properties(reading, "shop.tea.Pot.Lid.lift")["async"] is True


def test_no_text_of_the_source_but_docstrings_is_kept() -> None:
    source = f'''
        from typing import Annotated, Literal
        from warnings import warn, deprecated
        KEY = "{SECRET}"
        def call(
            key="{SECRET}", raw=b"{SECRET}", many=["{SECRET}"], made=f"{SECRET}", table={{"a": "{SECRET}"}},
            joined="sk-live-" + "0123456789",
            one: "{SECRET}" = 1, two: Literal["{SECRET}"] = 2, three: Annotated[str, "{SECRET}"] = 3,
            four: "Literal['{SECRET}']" = 4, five: Annotated[str, f"{SECRET}"] = 5, six: b"{SECRET}" = 6,
        ) -> Literal["{SECRET}"]:
            warn("{SECRET}", DeprecationWarning)
        @deprecated("{SECRET}", since="{SECRET}")
        class Old(metaclass=type("{SECRET}", (), {{}})):
            secret = "{SECRET}"
    '''
    reading = read({"shop/a.py": source})
    assert ("parameter", "shop.a.call(key)") in kinds(reading)
    assert properties(reading, "shop.a.call(two)")["annotation"] == "Literal[...]"
    assert "sk-live" not in repr(reading)
    assert "0123456789" not in repr(reading)


def test_a_quoted_annotation_is_told_if_its_names_are_known() -> None:
    reading = read({"shop/a.py": "class Pot: ...\ndef f(a: 'list[Pot]', b: 'hunter2', c: 'Pot.x'): ..."})
    assert properties(reading, "shop.a.f(a)")["annotation"] == "list[Pot]"
    assert properties(reading, "shop.a.f(b)")["annotation"] == "..."
    assert properties(reading, "shop.a.f(c)")["annotation"] == "Pot.x"


def test_overloads_and_setters_are_one_definition() -> None:
    source = '''
        from typing import overload
        @overload
        def f(a: int): ...
        @overload
        def f(a: str): ...
        def f(a, b=None):
            """The real one."""
        class P:
            @property
            def x(self):
                """Left."""
            @x.setter
            def x(self, value): ...
        if True:
            def g(one): ...
        else:
            def g(two): ...
    '''
    reading = read({"shop/a.py": source})
    names = {name for kind, name in kinds(reading) if kind == "parameter"}
    assert names == {"shop.a.f(a)", "shop.a.f(b)", "shop.a.g(one)"}
    told = {entity.name: entity.description for entity in reading.entities}
    assert (told["shop.a.f"], told["shop.a.P.x"]) == ("The real one.", "Left.")


def test_what_postgres_cannot_hold_is_replaced_in_docstrings() -> None:
    told = read({"shop/a.py": 'def f():\n    "a\\x00b\\ud800c"\n'}).entities
    assert next(entity.description for entity in told if entity.name == "shop.a.f") == "a\ufffdb?c"


def test_names_longer_than_the_store_takes_are_left_out() -> None:
    reading = read({"shop/a.py": f"class {'A' * 600}:\n    def f(self): ...\ndef ok(): ..."})
    assert {name for kind, name in kinds(reading) if kind in ("class", "function", "method")} == {"shop.a.ok"}
