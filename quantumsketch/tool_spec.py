"""A tool as a model is told of it, and a model's arguments held against the tool's request type.

Knows no provider and no sandbox, and runs no tool: the agent's loop, the model calls and the tools share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from quantumsketch.json_schema import NO_CONSTRAINTS, Schema, without

MALFORMED = ""
"""The name under which a call holds arguments that are no JSON object, as the model wrote them."""
_MOST_FAULTS = 4
_LONGEST_FAULT = 300
_LONGEST_NAME = 60

Shape = TypeVar("Shape", bound=BaseModel)


class ToolSpec(BaseModel):
    """A tool as a model is told of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    parameters: Schema = Field(description="JSON schema of its arguments, an object")


class Misfit(ValueError):
    """Arguments that are not a tool's; the message tells the model what to mend."""


def spec_of(name: str, description: str, shape: type[BaseModel]) -> ToolSpec:
    """Return what a model is told of a tool that takes a `shape`."""
    return ToolSpec(name=name, description=description, parameters=arguments_schema(shape))


def arguments_schema(shape: type[BaseModel]) -> Schema:
    """Return the JSON schema of a tool's arguments."""
    return without(NO_CONSTRAINTS, shape.model_json_schema())


def read_arguments(arguments: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """Return a model's arguments as the tool's request; raises Misfit, whatever the model wrote."""
    if MALFORMED in arguments:  # a shape that minds no further fields would take it for no arguments at all
        raise _misfit("they are no JSON object", shape)
    try:
        request = shape.model_validate(arguments)
    except ValidationError as error:
        raise _misfit(_faults(error), shape) from None
    try:
        request.model_dump_json()
    except ValueError:  # half a character, or a depth without end, can be held but not written
        raise _misfit("they cannot be written as JSON", shape) from None
    return request


def no_such_tool(name: str, names: Iterable[str]) -> str:
    """Return what is answered to a call of a tool that is not there."""
    return f"there is no tool named {name[:_LONGEST_NAME]!r}. The tools are: {', '.join(names)}."


def _misfit(faults: str, shape: type[BaseModel]) -> Misfit:
    return Misfit(f"the arguments do not fit: {faults}. Their schema: {arguments_schema(shape)}")


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}" for fault in faults]
    # the names of fields that are none, and what a validator quotes, are the model's own words
    return "; ".join(line[:_LONGEST_FAULT].encode(errors="replace").decode() for line in lines[:_MOST_FAULTS])
