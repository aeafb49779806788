"""The visuals a model can choose among, told briefly from their JSON schema, so that the two never differ."""

from __future__ import annotations

from functools import cache

from quantumsketch.agent.schemas import visual_schema, with_drawn_only, with_ideas_only
from quantumsketch.json_schema import Schema


@cache
def catalogue(*, animations: bool) -> str:
    """Every kind of visual with its fields and limits, a few lines each; `?` marks what may be left out.

    An animation is told as an idea, and left out without `animations`.
    """
    schema = with_ideas_only(visual_schema()) if animations else with_drawn_only(visual_schema())
    definitions = schema["$defs"]
    kinds: dict[str, str] = schema["discriminator"]["mapping"]
    return "\n".join(
        _kind(kind, _resolved({"$ref": ref}, definitions), definitions) for kind, ref in kinds.items()
    )


def _kind(kind: str, schema: Schema, definitions: Schema) -> str:
    fields = _fields(schema, definitions, leave_out="kind")
    return f'- kind "{kind}": {schema["description"]}\n    {fields}'


def _fields(schema: Schema, definitions: Schema, *, leave_out: str = "") -> str:
    required = schema.get("required", [])
    parts = []
    for name, field in schema["properties"].items():
        if name == leave_out:
            continue
        told = f"{name}{'' if name in required else '?'}"
        # every part that appears has a cue: what it is, is told once
        told += "" if name == "cue" else f": {_type(field, definitions)}{_note(field)}"
        parts.append(told)
    return "{" + ", ".join(parts) + "}"


def _type(schema: Schema, definitions: Schema) -> str:
    schema = _resolved(schema, definitions)
    if options := [o for o in schema.get("anyOf", []) if o.get("type") != "null"]:
        return _type(options[0], definitions)
    if values := schema.get("enum"):
        return " | ".join(f'"{value}"' for value in values)
    match schema["type"]:
        case "object":
            return _fields(schema, definitions)
        case "array" if "prefixItems" in schema:
            return "[" + ", ".join(_type(item, definitions) for item in schema["prefixItems"]) + "]"
        case "array":
            least, most = schema.get("minItems", 0), schema["maxItems"]
            return f"{least} to {most} of {_type(schema['items'], definitions)}"
        case "string":
            return f"text up to {schema['maxLength']}"
        case other:
            return str(other)


def _note(field: Schema) -> str:
    return f" ({field['description']})" if "description" in field else ""


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if reference := schema.get("$ref"):
        target: Schema = definitions[reference.rsplit("/", 1)[1]]
        return target
    return schema
