"""The kill switch: one person stops, two release."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.publishing import switch

from ._key import Name


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is meant: everything (`all`, name `*`), a target or a product."""

    scope: Literal["all", "target", "sku"] = "all"
    name: Name = "*"
    why: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Stopped(msgspec.Struct, frozen=True):
    """Something that is stopped. asked_by: who asked for its release; by_guard: prices may still go back."""

    scope: str
    name: str
    by: str
    at: dt.datetime
    why: str
    asked_by: str | None
    by_guard: bool


class Switches(msgspec.Struct, frozen=True):
    """All that is stopped; nothing of it leaves."""

    stopped: list[Stopped]


class Released(msgspec.Struct, frozen=True):
    """released: prices may leave again; false: a second person must agree. stopped: what still is."""

    released: bool
    stopped: list[Stopped]


def show(ask: Ask) -> Switches:
    return Switches(_stopped(ask))


def stop(ask: Ask) -> Switches:
    switch.stop(ask.reading.book, by=ask.who.name, at=ask.at, why=ask.given.why, scope=_scope(ask.given))
    return Switches(_stopped(ask))


def resume(ask: Ask) -> Released:
    free = switch.release(ask.reading.book, by=ask.who.name, at=ask.at, why=ask.given.why, scope=_scope(ask.given))
    return Released(free, _stopped(ask))


def _scope(given: Switch) -> tuple[str, str]:
    return switch.ALL if given.scope == "all" else (given.scope, given.name)


def _stopped(ask: Ask) -> list[Stopped]:
    standing = switch.state_of(ask.reading.rows("switches"))
    return [
        Stopped(scope, name, str(row["by"]), row["at"], str(row["why"]), row["asked_by"], bool(row["tripped"]))  # type: ignore[arg-type]
        for (scope, name), row in standing.items()
    ]


ROUTES = (
    Route("api.switches", "GET", "/api/v1/switches", "read", show, gives=Switches),
    Route("api.stop", "POST", "/api/v1/switches/stop", "stop", stop, Switch, Switches),
    Route("api.resume", "POST", "/api/v1/switches/resume", "approve", resume, Switch, Released),
)
