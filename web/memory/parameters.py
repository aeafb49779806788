"""What stands in an address behind the question mark: known to the route, and there once unless several are.

The framework by itself looks over what a route does not know, and takes the last of what is there twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import get_args, get_origin

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo

from quantumsketch.errors import BadInput

_LONGEST_TOLD = 100


def check_parameters(request: Request) -> None:
    """Raise BadInput for a parameter that the route does not know, or takes once and is given again."""
    known = _known(request.scope["route"])
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        told = repr(name[:_LONGEST_TOLD])
        if name not in known:
            mend = f"There are {', '.join(known)}." if known else "Leave it out: nothing is asked for there."
            raise BadInput(f"the address knows no parameter {told}", mend=mend)
        if times > 1 and not _takes_several(known[name]):
            raise BadInput(f"the parameter {told} stands in the address {times} times", mend="Give it once.")


def _known(route: APIRoute) -> Mapping[str, FieldInfo]:
    """What a route takes from the address: the fields of its one model of parameters, if it has one."""
    models = [each.field_info.annotation for each in route.dependant.query_params]
    return {name: field for model in models if model for name, field in model.model_fields.items()}


def _takes_several(field: FieldInfo) -> bool:
    return any(get_origin(each) is list for each in (field.annotation, *get_args(field.annotation)))
