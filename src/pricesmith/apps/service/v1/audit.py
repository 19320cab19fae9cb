"""Every act in the ledger."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.desk.audit import audited

from ._cursor import Cursor, Limit, opened, sealed

ADDRESS = "/api/v1/audit"


class Wanted(audited.Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which acts, the newest first, and a part of them."""

    cursor: Cursor = ""
    limit: Limit = 100


class Acts(msgspec.Struct, frozen=True):
    """A part of the acts. found: those that the filters let through; next: cursor of the rest, null where there is no more."""

    acts: list[audited.Done]
    found: int
    next: str | None


def show(ask: Ask) -> Acts:
    wanted: Wanted = ask.given
    before = opened(wanted.cursor, ADDRESS, wanted, int) if wanted.cursor else None
    found = audited.filtered(ask.reading.rows("audit"), wanted)
    left = found if before is None else found.filter(pl.col("seq") < before)
    shown = left.head(wanted.limit)
    more = sealed(ADDRESS, wanted, shown["seq"][-1]) if left.height > shown.height else None
    return Acts(audited.done(ask.reading, shown), found.height, more)


ROUTES = (Route("api.audit", "GET", ADDRESS, "read", show, Wanted, Acts),)
