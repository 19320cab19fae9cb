"""What the prices of a run did: promised against realised, the effect of the whole, and what the clusters that were held out say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.came import begins, came
from pricesmith.flows.publishing.history.rederive import Rederived, rederive
from pricesmith.monitoring.calibration import RUNS
from pricesmith.monitoring.outcome import Outcome, outcome

from .heldout import HeldOut, held_out
from .promise import curves_of, promised
from .sold import sold

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The outcome of a run over a stretch of days.

    since, until  first whole day of the prices, and the day after the last one with sales that count
    begun         when each product's price came; see `came.begins`
    elsewhere     products that mostly sold at other prices than the one in force, and are not judged
    """

    run: str
    since: dt.date
    until: dt.date
    result: Outcome
    holdout: HeldOut | None
    begun: pl.DataFrame
    elsewhere: int
    currency: str


def reckon(ledger: Ledger, now: Snapshot, run: str, *, by_hand: pl.DataFrame | None = None, until: dt.date | None = None) -> Reckoning:
    """Compare what a run promised with what was sold since its prices came into the shop.

    now      the shop today
    by_hand  its prices that were not published from here; see `by_hand.set_by_hand`
    until    day before which sales count
    Raises DataError where nothing was published, or nothing was sold since.
    """
    again = rederive(ledger, run)
    begun = begins(ledger, again, run, by_hand)
    first, end = begun["since"].min(), min(until or now.as_of, now.as_of)
    assert isinstance(first, dt.date)
    if end <= first:
        came_on = f"the prices count from {first} on, and sales are known until {end - dt.timedelta(days=1)}"
        raise DataError(f"there are no sales at the new prices yet: {came_on}", where="data/sales", hint="add newer sales to data/")
    return judge(run, again, now, begun, first, end)


def judge(run: str, again: Rederived, now: Snapshot, begun: pl.DataFrame, first: dt.date, end: dt.date) -> Reckoning:
    """The outcome of a run decided again, from the day on which its first price counts."""
    seen = sold(now, begun, end)
    items = again.decided.items
    promise = promised(items, curves_of(again.decided), seen)
    result = outcome(items.select(KEY), promise, items["category"])
    away = int((seen["elsewhere"] > 0.5).sum())
    return Reckoning(run, first, end, result, held_out(again, promise), begun, away, again.snapshot.currency)


def over_time(ledger: Ledger, now: Snapshot, timezone: str) -> pl.DataFrame:
    """Rows of RUNS, one for each run whose prices came into a shop, in the order in which they came; money in major units."""
    runs = came(ledger, timezone).group_by("run", maintain_order=True).agg(pl.col("since").min(), pl.len().cast(pl.Int64).alias("products"))
    rows = [_row(ledger, now, *row) for row in runs.iter_rows()]
    return pl.DataFrame(rows, schema=RUNS, orient="row")


def _row(ledger: Ledger, now: Snapshot, run: str, since: dt.date, products: int) -> dict[str, object]:
    try:
        found = reckon(ledger, now, run)
    except DataError:
        return {"run": run, "since": since, "products": products}
    result, major = found.result, 10.0 ** exponent(found.currency)
    judged = result.products.filter(pl.col("changed") & (pl.col("days") > 0)).height
    return {
        "run": run,
        "since": found.since,
        "until": found.until,
        "products": judged,
        "coverage90": result.coverage if judged else None,
        "bias": result.bias if judged else None,
        "promised": result.effect_promised / major if judged else None,
        "realised": result.effect.value / major if judged else None,
        "realised_lo": result.effect.low / major if judged else None,
        "realised_hi": result.effect.high / major if judged else None,
    }
