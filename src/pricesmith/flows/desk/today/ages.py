"""How old what prices rest on is: the last sale, and what the gate asks about."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.contracts.snapshot import Snapshot, sold_until
from pricesmith.flows.desk.product.offers import last_seen
from pricesmith.flows.desk.reading.ledger import Reading, Run
from pricesmith.flows.publishing.history.freshness import freshest

SALES_DAYS = 45
"""Days after the last day that sales or offers tell of from which prices rest on old data."""


class Age(msgspec.Struct, frozen=True):
    """When a kind of data was last known to be true.

    hours  its age;  old: beyond the guards' limit, so that prices are held at the gate
    seen   the day of the last row of competitors' offers, whenever their file was written; None of other kinds, or where it is not known
    seen_old  that is longer ago than SALES_DAYS
    """

    what: str
    at: dt.datetime | None
    hours: float | None
    limit: float
    old: bool
    seen: dt.date | None = None
    seen_old: bool = False


def last_row(snapshot: Snapshot) -> tuple[dt.date, str]:
    """The day of the last sales row, and the period that it totals."""
    start: dt.date = snapshot.cells["date"].max()  # type: ignore[assignment]
    return start, snapshot.period


def sold(row: tuple[dt.date, str], at: dt.datetime) -> tuple[dt.date, dt.date]:
    """The day of the last sales row, and the last day of which it may tell by now. row: of `last_row`."""
    return row[0], sold_until(*row, at.date() + dt.timedelta(days=1)) or row[0]


def ages(reading: Reading, run: Run, at: dt.datetime) -> list[Age]:
    """How old what the run's prices rest on is now, against what the gate lets pass."""
    known, limits = freshest(run.row, reading.rows("audit")), reading.policy.guards
    kinds = [("cost", known.cost_at, limits.cost_hours), ("competitor", known.competitor_at, limits.competitor_hours)]
    kinds.append(("stock", known.stock_at, limits.stock_hours))
    found = []
    for what, seen, limit in kinds:
        if seen is not None or what == "cost":
            hours = None if seen is None else (at - seen).total_seconds() / 3600.0
            last = last_seen(reading, reading.policy.timezone) if what == "competitor" else None
            far = last is not None and (at.date() - last).days > SALES_DAYS
            found.append(Age(what, seen, hours, limit, hours is None or hours > limit, last, far))
    return found
