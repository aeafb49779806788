"""Functions of x written as text: checked against a short list of what they may contain, then evaluated.

Knows arithmetic and the usual functions; knows nothing else of Python, so that no text can reach more.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "exp": math.exp, "log": math.log, "ln": math.log,
    "log10": math.log10, "log2": math.log2, "sqrt": math.sqrt, "abs": abs, "floor": math.floor,
    "ceil": math.ceil, "min": min, "max": max, "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod, ast.USub, ast.UAdd)


def check_expression(text: str) -> ast.Expression:
    """Parse `text` as a function of x.

    Raises ValueError that names the part which is not allowed, and what is.
    """
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{text!r} is not a function of x such as 'x**2 + sin(x)': {error.msg}") from None
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        _check_node(node, text, is_called=node in called)
    return tree


def _check_node(node: ast.AST, text: str, *, is_called: bool) -> None:
    match node:
        case ast.Expression() | ast.BinOp() | ast.UnaryOp() | ast.Load():
            return
        case ast.operator() | ast.unaryop() if isinstance(node, _OPERATORS):
            return
        case ast.Constant(value=int() | float() as value) if (
            not isinstance(value, bool) and abs(value) <= 1e12
        ):
            return
        case ast.Name(id=name) if name == "x" or name in CONSTANTS or (is_called and name in FUNCTIONS):
            return
        case ast.Call(func=ast.Name(id=name), keywords=[], args=[_, *_]) if name in FUNCTIONS:
            return
    allowed = f"numbers, x, {', '.join(CONSTANTS)}, + - * / ** %, and {', '.join(FUNCTIONS)}"
    raise ValueError(f"{text!r} holds something a function of x may not: allowed are {allowed}")


def evaluate(text: str) -> Callable[[float], float]:
    """The function of x that `text` describes; it returns nan where it is not defined.

    Raises ValueError as `check_expression` does.
    """
    tree = check_expression(text).body

    def function(x: float) -> float:
        try:
            value = _value(tree, x)
        except (ArithmeticError, ValueError, TypeError):
            return math.nan
        return value if isinstance(value, float | int) and math.isfinite(value) else math.nan

    return function


def _value(node: ast.expr, x: float) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id="x"):
            return x
        case ast.Name(id=name):
            return CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, x)
        case ast.UnaryOp(operand=operand):
            return _value(operand, x)
        case ast.Call(func=ast.Name(id=name), args=args):
            return float(FUNCTIONS[name](*(_value(arg, x) for arg in args)))
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _value(left, x), _value(right, x))
    raise ValueError(f"cannot evaluate {ast.dump(node)}")


def _combine(op: ast.operator, a: float, b: float) -> float:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
        case ast.Mod():
            return a % b
        case _:
            power = a**b  # a float by a float: bounded, unlike a power of whole numbers
            return power if isinstance(power, float) else math.nan
