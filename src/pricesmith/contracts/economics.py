"""What one sold unit brings: net and kept price, revenue and profit per unit, as functions of arrays.

price   price on the tag, minor units
net     price without the tax that it contains
kept    what remains of the net price after marketplace and payment fees
landed  purchase cost plus shipping of one unit
A returned unit brings neither revenue nor profit: both are expectations per unit sold. Arguments broadcast.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from .curves import Floats


def net_share(tax_rate: ArrayLike) -> Floats:
    """Share of the price on the tag that is not tax: 1 / (1 + tax_rate); tax_rate is 0 where prices are net already."""
    return 1.0 / (1.0 + np.asarray(tax_rate, dtype=np.float64))


def kept_share(tax_rate: ArrayLike, fee_rate: ArrayLike, payment_rate: ArrayLike) -> Floats:
    """Share of the price on the tag that the shop keeps after tax and fees; fees are shares of the net price.

    Fees that take the whole price keep 0, where floats would keep less than a trillionth of it: 1 - 0.985 - 0.015 = 1.7e-17.
    """
    left = 1.0 - np.asarray(fee_rate, dtype=np.float64) - np.asarray(payment_rate, dtype=np.float64)
    return net_share(tax_rate) * np.where(np.abs(left) < 1e-12, 0.0, left)


def net_price(price: ArrayLike, tax_rate: ArrayLike) -> Floats:
    """Price without tax."""
    return np.asarray(price, dtype=np.float64) * net_share(tax_rate)


def kept_price(price: ArrayLike, tax_rate: ArrayLike, fee_rate: ArrayLike, payment_rate: ArrayLike) -> Floats:
    """Price without tax and fees."""
    return np.asarray(price, dtype=np.float64) * kept_share(tax_rate, fee_rate, payment_rate)


def unit_revenue(price: ArrayLike, net: ArrayLike, return_rate: ArrayLike) -> Floats:
    """Expected revenue per unit sold: (1 - return_rate) * net price; `net` is the share of `net_share`."""
    sold = 1.0 - np.asarray(return_rate, dtype=np.float64)
    return sold * np.asarray(net, dtype=np.float64) * np.asarray(price, dtype=np.float64)


def unit_profit(price: ArrayLike, kept: ArrayLike, landed: ArrayLike, return_rate: ArrayLike) -> Floats:
    """Expected profit per unit sold: (1 - return_rate) * (kept price - landed cost); `kept` is the share of `kept_share`."""
    sold = 1.0 - np.asarray(return_rate, dtype=np.float64)
    return sold * (np.asarray(kept, dtype=np.float64) * np.asarray(price, dtype=np.float64) - np.asarray(landed, dtype=np.float64))


def margin_share(kept: ArrayLike, landed: ArrayLike) -> Floats:
    """Share of the kept price that is left over the landed cost: 1 - landed / kept; NaN where nothing is kept or one is not known."""
    price, cost = np.asarray(kept, dtype=np.float64), np.asarray(landed, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((price > 0.0) & (cost >= 0.0), 1.0 - cost / price, np.nan)


def break_even(tax_rate: ArrayLike, fee_rate: ArrayLike, payment_rate: ArrayLike, landed: ArrayLike, margin: ArrayLike = 0.0) -> Floats:
    """Lowest price at which the kept price is landed * (1 + margin); infinite where fees take the whole price."""
    share = kept_share(tax_rate, fee_rate, payment_rate)
    need = np.asarray(landed, dtype=np.float64) * (1.0 + np.asarray(margin, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(share > 0.0, need / share, np.inf)


def shares(items: pl.DataFrame) -> dict[str, Floats]:
    """`net`, `kept`, `landed` and `returned` (n,) of table ITEMS; landed is NaN where the cost is unknown."""
    tax, fee, payment = (items[name].cast(pl.Float64).to_numpy() for name in ("tax_rate", "fee_rate", "payment_rate"))
    return {
        "net": net_share(tax),
        "kept": kept_share(tax, fee, payment),
        "landed": items["landed_cost"].cast(pl.Float64).to_numpy().astype(np.float64),
        "returned": items["return_rate"].cast(pl.Float64).to_numpy(),
    }
