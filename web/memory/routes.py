"""All routes of the API, below PREFIX."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from web.memory import bulk, edges, graph, nodes, searching
from web.memory.access import BEARER, PREFIX
from web.memory.parameters import check_parameters
from web.memory.shapes import Refusal

_REFUSALS: dict[int | str, str] = {
    400: "it cannot be used as it is: nothing was changed",
    401: "no key, or one that opens nothing",
    403: "not by this key, not beyond the quota, not from outside",
    411: "the body comes without its length: send Content-Length, and no Transfer-Encoding",
    413: "too much at once",
    429: "too many requests in a minute, or at once: Retry-After says how long to wait",
    503: "the database does not answer, or not within the time that it may take",
    "default": "whatever else is refused",
}


def _operation_id(route: APIRoute) -> str:
    """In the API's document a route is called as its function is: programs are generated from it."""
    return route.name


router = APIRouter(
    prefix=PREFIX,
    dependencies=[Depends(BEARER), Depends(check_parameters)],
    generate_unique_id_function=_operation_id,
    responses={status: {"model": Refusal, "description": words} for status, words in _REFUSALS.items()},
)
for _part in (nodes, bulk, edges, searching, graph):
    router.include_router(_part.router)
