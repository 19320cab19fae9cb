"""What the prices of a run that have left so far bring, against what they should: before the next wave leaves."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.economics import kept_share
from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history.runs import RunFacts

from .orders import pace

KEY = list(DECISIONS.key)
DOUBT = 2.326
"""Standard errors: what is lost beyond them is lost with 99 % probability."""


def margin_change(desk: Desk, known: RunFacts, orders: pl.DataFrame | None, now: dt.datetime) -> float | None:
    """The most that the realised margin of what left of a run can be over the expected one, less one; None where nothing can be said.

    With d the expected units of product i since its price came, m its margin a unit and q the units of an order line,

        most = (sum of realised units x margin + DOUBT x sqrt(E[q^2] / E[q] x sum of m^2 d)) / sum of m d - 1

    the upper end of a compound Poisson count. Expected units follow the usual pace of these hours (`orders.pace`), so that a quiet night
    is no loss. In the first minutes the bound is far above zero, and tells nothing.
    """
    if orders is None:
        return None
    came = _came(desk, known)
    if came.is_empty():
        return None
    began = came["came"].min()
    assert isinstance(began, dt.datetime)
    speed = pace(orders, began, now)
    if speed is None:
        return None
    hours = ((pl.lit(now) - pl.col("came")).dt.total_microseconds() / 3.6e9).alias("hours")
    rows = came.join(known.decided.select(*KEY, "expected_units"), on=KEY).join(known.products, on=KEY).with_columns(hours)
    due = _numbers(rows, "expected_units") * _numbers(rows, "hours") / 24.0 * speed
    margin = _margin(rows, _numbers(rows, "price"))
    lines = orders.join(rows, on=KEY, suffix="_set").filter(pl.col("at") >= pl.col("came"))
    paid = _numbers(lines, "price") * 10.0 ** exponent(str(known.row["currency"]))
    realised = float((_numbers(lines, "units") * _margin(lines, paid)).sum())
    units = _numbers(orders, "units")
    size = float((units**2).sum() / units.sum())
    expected = float((margin * due).sum())
    return (realised + DOUBT * float(np.sqrt(size * (margin**2 * due).sum()))) / expected - 1.0 if expected > 0 else None


def _came(desk: Desk, known: RunFacts) -> pl.DataFrame:
    """Keys, `price` (minor units) and `came` of the run's prices that came to stand at the target."""
    ours = desk.read("intents").filter((pl.col("run") == known.row["run"]) & (pl.col("kind") == "publish")).select("intent")
    there = desk.read("applied").join(ours, on="intent", how="semi", maintain_order="left")
    return there.unique(KEY, keep="first", maintain_order=True).select(*KEY, "price", came="at")


def _margin(rows: pl.DataFrame, price: Floats) -> Floats:
    """Kept price less landed cost, minor units a unit."""
    share = kept_share(*(_numbers(rows, name) for name in ("tax_rate", "fee_rate", "payment_rate")))
    return price * share - _numbers(rows, "landed_cost")


def _numbers(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
