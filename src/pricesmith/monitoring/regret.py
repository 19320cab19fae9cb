"""Who was right? Each proposal that was accepted, rejected or overridden, valued later by what demand turned out to be."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints, response

Z_LOW, Z_HIGH = 0.05, 0.95


def regret(
    sold: Floats, proposed: Floats, charged: Floats, margins: tuple[Floats, Floats], draws: Floats, form: Ints, saturation: Floats
) -> pl.DataFrame:
    """What the price charged cost against the one proposed, a day: `regret` (> 0: the proposal would have been better) with 90 % bounds.

    sold        (n,) units a day at the price charged
    proposed, charged  (n,) prices
    margins     (n,) profit of one unit at the proposed and at the charged price, minor units
    draws       (n, D) elasticity at the charged price, learned from everything since
    form, saturation   (n,) form of the curve; see contracts/curves.py

    Units at the proposed price are those sold, times the curve between the two prices.
    """
    ratio = np.log(proposed / charged)[:, None]
    units = sold[:, None] * np.exp(response(ratio, draws, form[:, None], saturation[:, None]))
    gain = margins[0][:, None] * units - (margins[1] * sold)[:, None]
    low, high = np.quantile(gain, (Z_LOW, Z_HIGH), axis=1)
    return pl.DataFrame({"regret": gain.mean(axis=1), "regret_lo": low, "regret_hi": high})
