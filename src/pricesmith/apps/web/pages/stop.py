"""The kill switch, in reach from every page."""

from __future__ import annotations

from typing import Literal

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import act
from pricesmith.contracts.errors import UnknownChoice, UsageError
from pricesmith.flows.publishing import reach
from pricesmith.flows.publishing.sending import switch

from .person import inside


class Scoped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """why: the reason; scope: `all`, `target` or `sku`, and the name of the target or product."""

    why: str = ""
    scope: Literal["all", "target", "sku"] = "all"
    name: str = "*"
    to: str = "/"

    @property
    def what(self) -> tuple[str, str]:
        return switch.ALL if self.scope == "all" else (self.scope, self.name.strip())


class Stopping(Scoped, frozen=True, forbid_unknown_fields=True):
    """let_undo: prices may still go back to what stood before."""

    let_undo: bool = False


def stop(ask: Ask) -> Done:
    given: Stopping = ask.given
    sure = _checked(ask, given.what)
    switch.stop(ask.reading.book, by=ask.who.name, at=ask.at, why=given.why, scope=given.what, let_undo=given.let_undo)
    if sure:
        return Done("said_stopped", inside(given.to))
    return Done("said_stopped_unchecked", inside(given.to), {"what": ask.words.scope(*given.what)})


def _checked(ask: Ask, what: tuple[str, str]) -> bool:
    """Whether what is to be stopped is known. Raises Refused, which says first of all that nothing was stopped."""
    try:
        return reach.checked(ask.reading.folder, ask.reading.book, what)
    except UnknownChoice as error:
        there = f"there is no shop {what[1]!r}" if error.kind == "shop" else f"there is no product {what[1]!r}"
        raise Refused(404, "not_stopped", there, error.hint) from None
    except UsageError as error:
        raise Refused(422, "not_stopped", error.what, error.hint) from None


def resume(ask: Ask) -> Done:
    given: Scoped = ask.given
    free = switch.release(ask.reading.book, by=ask.who.name, at=ask.at, why=given.why, scope=given.what)
    said = "said_released" if given.scope == "all" else "said_released_part"
    return Done(said if free else "said_release_asked", inside(given.to), {"what": ask.words.scope(*given.what)})


ROUTES = (act("stop", "/stop", "stop", stop, Stopping), act("resume", "/resume", "approve", resume, Scoped))
