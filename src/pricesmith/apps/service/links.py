"""Links of the OpenAPI document: where an answer names a thing, and which operations take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

import msgspec

from .route import Route

THINGS = ("run", "draft", "view", "job", "handle")
"""Parts of addresses that answers name by the same word."""


def links(route: Route, routes: Iterable[Route]) -> dict[str, Any]:
    """Operation -> the link to it, for every operation whose address needs one thing that the answer of the route names."""
    found = dict(_named(route.gives))
    wanted = ((one, re.findall(r"\{(\w+)", one.path)) for one in routes if one is not route)
    return {
        one.name: {"operationId": one.name, "parameters": {parts[0]: f"$response.body#{found[parts[0]]}"}}
        for one, parts in wanted
        if len(parts) == 1 and parts[0] in found
    }


def _named(kind: Any) -> Iterator[tuple[str, str]]:
    """(thing, JSON pointer) of what a record names itself, or in the first row of a list of its."""
    for field in msgspec.structs.fields(kind) if _is_record(kind) else ():
        if field.encode_name in THINGS:
            yield field.encode_name, f"/{field.encode_name}"
        row: Any = next(iter(get_args(field.type)), None) if get_origin(field.type) is list else None
        for inner in msgspec.structs.fields(row) if _is_record(row) else ():
            if inner.encode_name in THINGS:
                yield inner.encode_name, f"/{field.encode_name}/0/{inner.encode_name}"


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
