"""Products that may not get a price at all, whatever the rules say: what is not known never means permission."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import NDArrayStr
from pricesmith.contracts.snapshot import last_of

ORDER = ("inactive", "missing_price", "currency_mismatch", "missing_cost", "missing_floor", "stale_data")
"""Reasons for which a product is held, the first that applies counts."""


def holds(items: pl.DataFrame, policy: Policy, as_of: dt.date) -> NDArrayStr:
    """(n,) reason code, "" where a price may be set.

    inactive           it is not to be priced (`active` is 0): it stands in no list, and its price must not move in the plan either
    missing_price      no current price is known
    currency_mismatch  the product's currency is not the shop's
    missing_cost       no landed cost is known
    missing_floor      the cost is 0 and there is no min_price: nothing bounds the price from below
    stale_data         the last day that its last sales row may tell of is longer ago than policy.data.stale_after_days
    """
    oldest = dt.date.min if policy.data.stale_after_days is None else as_of - dt.timedelta(days=policy.data.stale_after_days)
    cost = pl.col("landed_cost")
    tests = {
        "inactive": pl.col("active") == 0,
        "missing_price": pl.col("current_price").is_null() | (pl.col("current_price") <= 0),
        "currency_mismatch": pl.col("currency").is_not_null() & (pl.col("currency") != policy.currency),
        "missing_cost": cost.is_null() | ~cost.is_finite(),
        "missing_floor": (cost <= 0) & (pl.col("min_price").is_null() | (pl.col("min_price") <= 0)),
        "stale_data": last_of(pl.col("last_sale"), policy.period) < oldest,
    }
    codes: NDArrayStr = np.full(items.height, "", dtype=object)
    flags = items.select(**{name: test.fill_null(False) for name, test in tests.items()})
    for name in reversed(ORDER):
        codes[flags[name].to_numpy()] = name
    return codes
