"""What was sold since prices came, from a snapshot of today; and its record in the ledger, each day once."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.economics import net_share, unit_profit, unit_revenue
from pricesmith.contracts.ledger import SALES_SEEN, Act, Ledger
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot, days_of
from pricesmith.contracts.tables import DECISIONS

KEY = list(DECISIONS.key)
STEP = {"day": "1d", "week": "1w", "month": "1mo"}
NEAR = 0.005
"""A price charged this near the price in force is that price: orders in two currencies or with rounded lines differ by so much."""
MOST = 0.5
"""A product that sold more than this share of its units at other prices did not have the price in force."""


def sold(snapshot: Snapshot, begun: pl.DataFrame, until: dt.date) -> pl.DataFrame:
    """The rows of `begun` with `sold` (units), `days` (on which it could be bought) and `elsewhere` (share of units at other prices).

    begun  rows that name a product in KEY, with `price` (in force, minor units), `since` and `ended` (null: not yet)
    until  day before which sales count

    Promotions are left out, days sold out count for the part that was not, days that are not observed not at all. A product that mostly
    sold at other prices has 0 days: there is nothing to be judged.
    """
    rows = begun.with_row_index("row")
    cells = _cells(snapshot).join(rows.select("row", *KEY, "since", "ended", in_force="price"), on=KEY)
    last = pl.min_horizontal(pl.col("ended").fill_null(until), pl.lit(until))
    window = cells.filter(
        (pl.col("date") >= pl.col("since")) & (pl.col("date").dt.offset_by(STEP[snapshot.period]) <= last) & (pl.col("promo") == 0)
    )
    scale = 10.0 ** exponent(snapshot.currency)
    away = (pl.col("price") * scale - pl.col("in_force")).abs() > pl.max_horizontal(pl.lit(1.0), NEAR * pl.col("in_force"))
    sums = window.group_by("row").agg(
        sold=pl.col("units").sum(),
        days=(pl.col("days") * pl.col("available") * days_of(snapshot.period)).sum(),
        away=pl.col("units").filter(away).sum(),
    )
    joined = rows.join(sums, on="row", how="left", maintain_order="left").with_columns(pl.col("sold", "days", "away").fill_null(0.0))
    joined = joined.with_columns(elsewhere=pl.col("away") / pl.max_horizontal("sold", pl.lit(1e-9)))
    there = pl.col("elsewhere") <= MOST
    known = pl.when(there & (pl.col("days") > 0))
    return joined.drop("row", "away").with_columns(known.then("sold").otherwise(0.0), known.then("days").otherwise(0.0))


def see(ledger: Ledger, snapshot: Snapshot, begun: pl.DataFrame, *, by: str, at: dt.datetime) -> int:
    """Write what was sold since prices came into SALES_SEEN, days that stand there already left out; returns the rows written.

    The last day of the history is not written: it may still be filling. What is written stays, also where the shop corrects it later.
    """
    seen = ledger.read("sales_seen").select(SALES_SEEN.key)
    fresh = _seen(snapshot, begun).join(seen, on=list(SALES_SEEN.key), how="anti").sort(SALES_SEEN.key)
    if fresh.height:
        days = fresh["date"]
        ledger.append(Act(at, by, "saw_sales", f"{days[0]} to {days[-1]}"), {"sales_seen": fresh})
    return fresh.height


def _seen(snapshot: Snapshot, begun: pl.DataFrame) -> pl.DataFrame:
    """Rows of SALES_SEEN: every price, promotions included."""
    since = begun.group_by(KEY).agg(pl.col("since").min())
    whole = snapshot.cells["date"].max()
    cells = _cells(snapshot).join(since, on=KEY).filter((pl.col("date") >= pl.col("since")) & (pl.col("date") < whole))
    cells = cells.filter(pl.col("units") > 0)
    scale = 10.0 ** exponent(snapshot.currency)
    tax, fee, payment, returned, price, cost, units = (
        cells[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("tax_rate", "fee_rate", "payment_rate", "return_rate", "price", "cost", "units")
    )
    net = net_share(tax)
    kept = net * (1.0 - fee - payment)
    money = {
        "revenue": units * unit_revenue(price * scale, net, returned),
        "profit": units * unit_profit(price * scale, kept, cost * scale, returned),
    }
    rows = cells.with_columns(**{name: pl.Series(np.asarray(values)) for name, values in money.items()})
    summed = rows.group_by(SALES_SEEN.key).agg(pl.col("units", "revenue", "profit").sum())
    return summed.with_columns(pl.col("profit").fill_nan(None)).select(SALES_SEEN.schema.names()).cast(SALES_SEEN.schema)


def _cells(snapshot: Snapshot) -> pl.DataFrame:
    """Cells with the keys and rates of their items."""
    rates = ("tax_rate", "fee_rate", "payment_rate", "return_rate")
    return snapshot.cells.join(snapshot.items.select("item", *KEY, *rates), on="item", maintain_order="left")
