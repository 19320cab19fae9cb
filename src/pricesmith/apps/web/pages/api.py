"""The page of the API: what programs can ask here, made from the table of routes."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.openapi import address, parts, summary
from pricesmith.apps.service.route import Nothing, Route


class Operation(msgspec.Struct, frozen=True):
    """One method of one address. scope: None for anybody; fields: of the query or the body, those that are needed first."""

    method: str
    address: str
    summary: str
    scope: str | None
    parts: list[str]
    needed: list[str]
    fields: list[str]


class Room(msgspec.Struct, frozen=True):
    """The operations of one resource."""

    name: str
    operations: list[Operation]


class Api(msgspec.Struct, frozen=True):
    """All of the API."""

    rooms: list[Room]


def show(ask: Ask) -> Api:
    from pricesmith.apps.service.routes import every

    rooms: dict[str, list[Operation]] = {}
    for route in sorted((route for route in every() if route.api), key=lambda one: (one.path, one.method)):
        rooms.setdefault(route.path.split("/")[3].partition(".")[0], []).append(_operation(route, ask))
    return Api([Room(name, operations) for name, operations in rooms.items()])


def _operation(route: Route, ask: Ask) -> Operation:
    own = () if route.asks is Nothing else msgspec.structs.fields(route.asks)
    needed = [field.encode_name for field in own if field.required]
    others = [field.encode_name for field in own if not field.required]
    return Operation(route.method, address(route), summary(route, ask.words), route.scope, parts(route), needed, others)


ROUTES = (Route("api", "GET", "/api", "read", show, gives=Api, template="api.html", section="access"),)
