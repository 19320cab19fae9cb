"""The kill switch: one person stops, two release."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.desk.approval.approving import Stop, stops
from pricesmith.flows.publishing import reach
from pricesmith.flows.publishing.sending import switch

from ._key import Name


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is meant: everything (`all`, name `*`), a target or a product."""

    scope: Literal["all", "target", "sku"] = "all"
    name: Name = "*"
    why: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Switches(msgspec.Struct, frozen=True):
    """All that is stopped; nothing of it leaves."""

    stopped: list[Stop]


class Stopped(Switches, frozen=True):
    """checked: false where it could not be read whether there is such a shop or product."""

    checked: bool = True


class Released(msgspec.Struct, frozen=True):
    """released: prices may leave again; false: a second person must agree. stopped: what still is."""

    released: bool
    stopped: list[Stop]


def show(ask: Ask) -> Switches:
    return Switches(stops(ask.reading))


def stop(ask: Ask) -> Stopped:
    scope = _scope(ask.given)
    sure = reach.checked(ask.reading.folder, ask.reading.book, scope)
    switch.stop(ask.reading.book, by=ask.who.name, at=ask.at, why=ask.given.why, scope=scope)
    return Stopped(stops(ask.reading), sure)


def resume(ask: Ask) -> Released:
    free = switch.release(ask.reading.book, by=ask.who.name, at=ask.at, why=ask.given.why, scope=_scope(ask.given))
    return Released(free, stops(ask.reading))


def _scope(given: Switch) -> tuple[str, str]:
    return switch.ALL if given.scope == "all" else (given.scope, given.name)


ROUTES = (
    Route("api.switches", "GET", "/api/v1/switches", "read", show, gives=Switches),
    Route("api.stop", "POST", "/api/v1/switches/stop", "stop", stop, Switch, Stopped),
    Route("api.resume", "POST", "/api/v1/switches/resume", "approve", resume, Switch, Released),
)
