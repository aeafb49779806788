"""The derivative of a formula that holds indefinite integrals: each becomes what stands under it."""

from __future__ import annotations

from quantumsketch.mathematics.formula import Apply, Formula, operations, symbols


def slope(formula: Formula, variable: Formula) -> Formula | None:
    """The derivative by `variable`; None if an integral stands where it cannot be resolved."""
    if "antiderivative" not in operations(formula):
        return Apply("derivative", (variable, formula))
    match formula:
        case Apply("antiderivative", (over, body)) if over == variable:
            return body
        case Apply("add" | "negative", parts):
            slopes = [slope(part, variable) for part in parts]
            known = tuple(part for part in slopes if part is not None)
            return Apply(formula.operation, known) if len(known) == len(slopes) else None
        case Apply("multiply", (factor, rest)) if not symbols(factor) & symbols(variable):
            of_rest = slope(rest, variable)
            return of_rest and Apply("multiply", (factor, of_rest))
        case Apply("divide", (rest, divisor)) if not symbols(divisor) & symbols(variable):
            of_rest = slope(rest, variable)
            return of_rest and Apply("divide", (of_rest, divisor))
    return None
