"""Alarms: what stands stopped, what keeps prices from being made or sent, and what went wrong within a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.flows.desk.data.page import state as checks
from pricesmith.flows.desk.reading.finding import named
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.publishing.sending.switch import releases, state_of

from .ages import Age

EXAMPLES, RECENT = 3, dt.timedelta(hours=24)
CHANGE = [*KEY, "run", "target"]
"""A change on its way to a shop, in rows of table GUARD_HITS."""


class Named(msgspec.Struct, frozen=True):
    """A product that an alarm is about; name: as the newest run knows it."""

    sku: str
    channel: str
    region: str
    name: str | None


class Alarm(msgspec.Struct, frozen=True):
    """Something is wrong, or was until a moment ago. count: how many; of a guard the changes that it held, each once.

    code  `stopped`, `blocked`, `guard`, `drift`, `dead`, `old`, or `released`: a stop that was told here stands no more
    what  its scope, table, guard or shop, or what is old: `sales`, or a kind of data as in `Age.what`
    by    who stopped it, or the two who released it;  why: of the stop
    at    when it last was; of old data the moment of which they tell, None where it is not known or, of sales, a whole day
    products  the first few that it is about, of a guard
    """

    code: str
    what: str
    count: int
    at: dt.datetime | None
    why: str = ""
    by: list[str] = []
    products: list[Named] = []


def alarms(reading: Reading, at: dt.datetime) -> list[Alarm]:
    """What stands stopped, tables that keep prices from being made, and what within a day was released, caught, drifted or given up."""
    switches = reading.rows("switches")
    found = [
        Alarm("stopped", " ".join(scope), 1, row["at"], str(row["why"]), [str(row["by"])])  # type: ignore[arg-type]
        for scope, row in state_of(switches).items()
    ]
    recent = (one for one in reversed(releases(switches)) if one.at > at - RECENT)
    found += [Alarm("released", " ".join(one.scope), 1, one.at, one.why, list(one.by)) for one in recent]
    data = checks(reading)
    if data.checked is not None and not data.changed:
        found += [Alarm("blocked", one.table, 1, data.checked.at) for one in data.checked.warnings if one.level == "blocking"]
    hits = lately_caught(reading, at)
    drifted = reading.rows("applied").filter((pl.col("at") > at - RECENT) & (pl.col("cause") == "drift"))
    dead = reading.rows("receipts").filter((pl.col("at") > at - RECENT) & (pl.col("fate") == "dead"))
    once = hits.unique([*CHANGE, "guard", "code"], keep="last", maintain_order=True)
    for code, table, what in (("guard", once, pl.col("guard") + " " + pl.col("code")), ("drift", drifted, pl.col("target"))):
        groups = table.group_by(what.alias("what")).agg(pl.len(), pl.col("at").max()).sort("len", "what", descending=[True, False])
        for reason, count, last in groups.iter_rows():
            about = _caught(reading, hits, reason) if code == "guard" else []
            found.append(Alarm(code, reason, count, last, products=about))
    return found + ([Alarm("dead", "", dead.height, dead["at"].max())] if dead.height else [])  # type: ignore[arg-type]


def lately_caught(reading: Reading, at: dt.datetime) -> pl.DataFrame:
    """Rows of table GUARD_HITS within a day; a price that several guards held, or that was tried again, has several."""
    rows: pl.DataFrame = reading.rows("guard_hits").filter(pl.col("at") > at - RECENT)
    return rows


def _caught(reading: Reading, hits: pl.DataFrame, what: str) -> list[Named]:
    """Products that a guard held for this reason, the newest first."""
    rows = hits.filter(pl.col("guard") + " " + pl.col("code") == what).drop_nulls(KEY)
    few = rows.sort("at", descending=True, maintain_order=True).select(KEY).unique(maintain_order=True).head(EXAMPLES)
    run = reading.latest()
    table = few.with_columns(name=pl.lit(None, pl.String)) if run is None else named(few, reading.run(run))
    return [Named(**row) for row in table.select(*KEY, "name").iter_rows(named=True)]


def aged(sales_old: bool, ages: Sequence[Age]) -> list[Alarm]:
    """Data that are too old: sales on which prices rest, and what makes a guard hold prices at the gate."""
    return [Alarm("old", "sales", 1, None)] * sales_old + [Alarm("old", one.what, 1, one.at) for one in ages if one.old]
