"""What the prices of a run did: promised against realised, the effect of the whole, and what the clusters that were held out say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Floats, Ints, Ladder, response
from pricesmith.contracts.economics import shares, unit_profit, unit_revenue
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.snapshot import PERIOD_DAYS
from pricesmith.contracts.tables import DECISIONS
from pricesmith.experiments.readout import Readout, readout, summed
from pricesmith.flows.batch import Loaded
from pricesmith.monitoring.outcome import Outcome, Promise, outcome

from .rederive import Rederived, rederive

KEY = list(DECISIONS.key)
SHOCK_DAYS = 7.0
"""Days for which a shock to one product's demand lasts, as the demand model has it: within them days do not average out."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The outcome of a run over a stretch of days.

    since, until  first day after the prices, and the day after the last one with sales
    clusters      the readout of the hold-out by cluster; None where nothing was held out, or too little
    items         the same by product, which is biased where products of one cluster are split
    split         True where products that substitute one another were drawn apart
    """

    run: str
    since: dt.date
    until: dt.date
    result: Outcome
    clusters: Readout | None
    items: Readout | None
    split: bool
    currency: str


def reckon(ledger: Ledger, loaded: Loaded, run: str, *, since: dt.date | None = None, until: dt.date | None = None) -> Reckoning:
    """Compare what a run promised with what was sold since its prices came into the shop.

    since  the day on which the prices came, where they were not published from here
    Raises DataError where nothing was published, or nothing was sold since.
    """
    again = rederive(ledger, run)
    begun = begins(ledger, run, again, since)
    sales = loaded.prepared.tables["sales"]
    last = sales["date"].max()
    if not isinstance(last, dt.date):
        raise DataError("the shop has no sales", where=str(loaded.folder))
    step = int(PERIOD_DAYS[again.snapshot.period])
    end = min(until or last + dt.timedelta(days=step), last + dt.timedelta(days=step))
    first = begun["since"].min()
    assert isinstance(first, dt.date)
    if end <= first:
        raise DataError(
            f"there are no sales after the prices came on {first - dt.timedelta(days=1)}",
            where=str(loaded.folder),
            hint="add newer sales to data/",
        )
    seen = sold(sales, begun, end, PERIOD_DAYS[again.snapshot.period])
    promise = promised(again, seen)
    dispersion = again.decided.opened().curves.dispersion * SHOCK_DAYS / max(float((end - first).days), SHOCK_DAYS)
    items = again.decided.items
    result = outcome(items.select(KEY), promise, items["category"], dispersion)
    clusters, by_item, split = _held_out(again, promise)
    return Reckoning(run, first, end, result, clusters, by_item, split, again.snapshot.currency)


def begins(ledger: Ledger, run: str, again: Rederived, since: dt.date | None) -> pl.DataFrame:
    """Items of the run: keys, `changed` (its price came into a shop), `since` (first whole day of it), `ended` (day of another price)."""
    ours = ledger.read("intents", {"run": [run]}).select("intent")
    applied = ledger.read("applied").with_columns(next=pl.col("at").shift(-1).over("target", *KEY))
    came = (
        applied.join(ours, on="intent")
        .group_by(KEY)
        .agg(since=pl.col("at").first().dt.date() + dt.timedelta(days=1), ended=pl.col("next").first().dt.date())
    )
    keys = again.decided.items.select(KEY)
    if since is not None:
        moved = again.recorded.filter(pl.col("action") == "change").select(KEY)
        came = moved.with_columns(since=pl.lit(since), ended=pl.lit(None, pl.Date))
    if came.is_empty():
        hint = "publish it, or say when its prices came: --since DATE"
        raise DataError(f"no price of run {run} is known to have come into a shop", where="ledger", hint=hint)
    joined = keys.join(came, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(changed=pl.col("since").is_not_null(), since=pl.col("since").fill_null(pl.col("since").min()))


def sold(sales: pl.DataFrame, begun: pl.DataFrame, end: dt.date, step: float) -> pl.DataFrame:
    """The rows of `begun` with `sold` (units outside promotions) and `days` (so many days were outside them)."""
    window = sales.join(begun.select(*KEY, "since", "ended"), on=KEY).filter(
        (pl.col("date") >= pl.col("since")) & (pl.col("date") < pl.min_horizontal(pl.col("ended").fill_null(end), pl.lit(end)))
    )
    promo = pl.col("promo").fill_null(0) > 0
    sums = window.group_by(KEY).agg(sold=pl.col("units").filter(~promo).sum(), promoted=pl.col("date").filter(promo).n_unique())
    whole = (pl.min_horizontal(pl.col("ended").fill_null(end), pl.lit(end)) - pl.col("since")).dt.total_days().cast(pl.Float64)
    joined = begun.join(sums, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(pl.col("sold").fill_null(0.0), days=(whole - pl.col("promoted").fill_null(0) * step).clip(0.0))


def promised(again: Rederived, seen: pl.DataFrame) -> Promise:
    """What the run said of its items, beside what was sold. A product whose price never came counts as one that stayed."""
    decided, block = again.decided, again.decided.opened()
    came = seen["changed"].to_numpy()
    column = np.where(came, decided.column, block.ladder.current)
    rows = np.arange(column.size)
    price, before = (
        np.where(at >= 0, block.ladder.prices[rows, np.maximum(at, 0)], 0).astype(np.float64) for at in (column, block.ladder.current)
    )
    share = shares(decided.items)
    margin, margin_before = (
        np.nan_to_num(unit_profit(value, share["kept"], share["landed"], share["returned"])) for value in (price, before)
    )
    moved = came & (column != block.ladder.current)
    return Promise(
        base=block.curves.base,
        expected=np.nan_to_num(np.where(came, decided.expected.units, block.curves.base)),
        deviation=spread(block.curves, block.ladder, column),
        net=unit_revenue(price, share["net"], share["returned"]),
        margin=margin,
        margin_before=margin_before,
        sold=seen["sold"].to_numpy(),
        days=seen["days"].to_numpy(),
        changed=moved,
    )


def spread(curves: Curves, ladder: Ladder, column: Ints) -> Floats:
    """(n,) standard deviation of the log of units at the chosen price over units at the current one, over the posterior."""
    rows = np.arange(column.size)
    known = (column >= 0) & (ladder.current >= 0)
    prices = (ladder.prices[rows, np.maximum(at, 0)] for at in (column, ladder.current))
    ratio = np.where(known, np.log(np.maximum(next(prices), 1) / np.maximum(next(prices), 1)), 0.0)
    drawn = response(ratio[:, None], curves.draws, curves.form[:, None], curves.saturation[:, None])
    return np.asarray(drawn.std(axis=1))


def _held_out(again: Rederived, promise: Promise) -> tuple[Readout | None, Readout | None, bool]:
    """The hold-out read by cluster and by product, and whether families were split by the draw."""
    items = again.decided.items
    drawn = items.select(*KEY, "family").join(
        again.recorded.select(*KEY, "cluster", "propensity", "reason"), on=KEY, how="left", maintain_order="left"
    )
    usable = drawn["cluster"].is_not_null().to_numpy()
    if not usable.any():
        return None, None, False
    profit = promise.margin * promise.sold
    expected = promise.margin_before * promise.base * promise.days
    kept = (drawn["reason"] == "holdout").fill_null(False).to_numpy()
    propensity = drawn["propensity"].fill_null(1.0).to_numpy()
    code = drawn["cluster"].fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
    count = int(code.max()) + 1
    size = np.maximum(summed(usable.astype(float), code, count), 1.0)
    inside = summed(usable.astype(float), code, count) > 0
    by_cluster = readout(
        summed(np.where(usable, profit, 0.0), code, count)[inside],
        summed(np.where(usable, expected, 0.0), code, count)[inside],
        (summed(np.where(usable, kept.astype(float), 0.0), code, count) / size)[inside] > 0.5,
        (summed(np.where(usable, propensity, 0.0), code, count) / size)[inside],
    )
    by_item = readout(profit[usable], expected[usable], kept[usable], propensity[usable])
    families = (
        drawn.filter(pl.col("family").is_not_null() & pl.col("cluster").is_not_null()).group_by("family").agg(pl.col("cluster").n_unique())
    )
    return by_cluster, by_item, bool((families["cluster"] > 1).any())
