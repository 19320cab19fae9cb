"""The kill switch, in reach from every page."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.route import act
from pricesmith.flows.publishing import switch

from .person import inside


class Stopping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """why: the reason; scope: `all`, `target` or `sku`, and the name of the target or product."""

    why: str = ""
    scope: str = "all"
    name: str = "*"
    to: str = "/"


def stop(ask: Ask) -> Done:
    given: Stopping = ask.given
    switch.stop(ask.reading.book, by=ask.who.name, at=ask.at, why=given.why, scope=(given.scope, given.name))
    return Done("said_stopped", inside(given.to))


def resume(ask: Ask) -> Done:
    given: Stopping = ask.given
    free = switch.release(ask.reading.book, by=ask.who.name, at=ask.at, why=given.why, scope=(given.scope, given.name))
    return Done("said_released" if free else "said_release_asked", inside(given.to))


ROUTES = (act("stop", "/stop", "stop", stop, Stopping), act("resume", "/resume", "approve", resume, Stopping))
