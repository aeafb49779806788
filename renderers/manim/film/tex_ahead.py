"""Sets the formulas that stand in a scene's source in one run of LaTeX, before the scene asks for each.

Manim keeps what is set under a name made of its TeX, and looks there first: ten formulas take one second in
place of six. Nothing of the source is run, and what goes wrong is left to the scene.
"""

from __future__ import annotations

import ast
import contextlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from manim import WHITE, MathTex, Tex, config
from manim.mobject.text import tex_mobject
from manim.utils.tex_file_writing import tex_hash

from renderers.manim.writing.formulas import pages_in, run_latex

_KINDS = {"Tex": Tex, "MathTex": MathTex}
_SHAPING = {"arg_separator", "substrings_to_isolate", "tex_environment"}
"""Keywords that change what TeX is asked for."""
_NUMBERS = re.compile(r"DecimalNumber|Integer|Variable|numbers|coordinates|BarChart|NumberLine|DecimalTable")
"""Where one of these words stands, numbers are shown, which Manim sets digit by digit."""
_BEGIN, _END = r"\begin{document}", r"\end{document}"
_CLASS, _CLASS_OF_PAGES = r"\documentclass[preview]{standalone}", r"\documentclass{article}\pagestyle{empty}"


class _Asked(Exception):
    """What Manim would ask TeX for."""


def set_ahead(code: str) -> None:
    """Set every formula of `code` that is written out in it; never raises because of it."""
    documents = [document for document in _documents(code) if not _place(document).exists()]
    preambles = Counter(document.partition(_BEGIN)[0] for document in documents)
    if len(documents) < 2:
        return
    preamble, _ = preambles.most_common(1)[0]
    documents = list(dict.fromkeys(one for one in documents if one.startswith(preamble + _BEGIN)))
    bodies = [document.partition(_BEGIN)[2].rpartition(_END)[0] for document in documents]
    book = "".join([preamble.replace(_CLASS, _CLASS_OF_PAGES), _BEGIN, "\n\\newpage\n".join(bodies), _END])
    with tempfile.TemporaryDirectory() as folder:
        log = run_latex(book, Path(folder))
        pages = pages_in(Path(folder))
        if "\n!" in log or len(pages) != len(documents):
            return  # one by one then, so that each tells its own complaint
        for document, page in zip(documents, pages, strict=True):
            _place(document).parent.mkdir(parents=True, exist_ok=True)
            _place(document).write_bytes(page.read_bytes())


def _place(document: str) -> Path:
    """Where Manim looks for a document's picture."""
    return Path(config.get_dir("tex_dir")) / f"{tex_hash(document)}.svg"


def _documents(code: str) -> Iterator[str]:
    """The document that Manim would give to TeX, for each formula of `code` that is written out."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return
    if _NUMBERS.search(code):
        yield from (_document("MathTex", [character], {}) for character in "0123456789.,-")
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in _KINDS and arguments:
                with contextlib.suppress(Exception):  # what is not written out, or wrong: the scene will tell
                    yield _document(name, [ast.literal_eval(one) for one in arguments], _shaping(node))


def _shaping(call: ast.Call) -> dict[str, Any]:
    """The keywords that matter to TeX. Raises ValueError if they are not written out."""
    found: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg in _SHAPING:
            found[keyword.arg] = ast.literal_eval(keyword.value)
        elif keyword.arg == "tex_to_color_map" and isinstance(keyword.value, ast.Dict):
            found[keyword.arg] = {ast.literal_eval(key): WHITE for key in keyword.value.keys if key}
        elif keyword.arg in (None, "tex_to_color_map", "tex_template"):
            raise ValueError("it can only be known when the scene runs")
    return found


def _document(kind: str, parts: list[Any], keywords: dict[str, Any]) -> str:
    """Have Manim make the formula up to the moment when it asks TeX for it."""

    def ask(expression: str, environment: str | None = None, tex_template: Any = None) -> None:
        template = tex_template or config["tex_template"]
        if environment is None:
            raise _Asked(template.get_texcode_for_expression(expression))
        raise _Asked(template.get_texcode_for_expression_in_env(expression, environment))

    module = vars(tex_mobject)
    really = module["tex_to_svg_file"]
    module["tex_to_svg_file"] = ask
    try:
        _KINDS[kind](*parts, **keywords)
    except _Asked as asked:
        return str(asked)
    finally:
        module["tex_to_svg_file"] = really
    raise ValueError("it asks TeX for nothing")
