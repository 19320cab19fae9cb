"""G1: no price below landed cost, fees, tax and least margin."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.economics import break_even
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.money import MAX_MINOR, ceil_minor
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, number

SHARES = ("tax_rate", "fee_rate", "payment_rate", "discount_share")


class HardFloor:
    """Holds a price that, after every coupon, bundle, tax and fee, would not bring the landed cost and the least margin.

    The price on the tag may not be below ceil(landed cost x (1 + min_margin) / kept share / (1 - discount share)), nor below the
    product's own lowest price. Two people may set an `exception_floor` instead for at most `exception_days`; it takes the place of both.
    A cost, tax, fee or discount that is missing, and a cost of 0, hold: a blank is not a price of nothing. Nothing, not even an undo,
    goes below.
    """

    number = "G1"
    incident = "RepricerExpress 2014: listings at 1p. Appeagle 2012: a blank minimum read as $0.01."
    codes = {
        "no_price": "the price is missing, not above 0, or too large to be one",
        "cost_unknown": "the landed cost is missing or 0; enter it",
        "terms_unknown": "tax, fees or the largest discount are missing or cannot be; enter them",
        "exception_unreadable": "the floor that two people set is not above 0; set it anew",
        "below_min_price": "the price is below the product's own lowest price",
        "below_floor": "the price would not bring the landed cost and the least margin after discounts, tax and fees",
    }
    reads = ("price", "landed_cost", *SHARES)
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        price, cost, exception = (number(changes, name) for name in ("price", "landed_cost", "exception_floor"))
        low, terms = number(changes, "min_price"), _terms(changes)
        bound = floor(changes, limits)
        with np.errstate(invalid="ignore"):
            reasons = [
                ("no_price", ~((price > 0) & (price < MAX_MINOR))),
                ("cost_unknown", ~(cost > 0)),
                ("terms_unknown", ~terms),
                ("exception_unreadable", exception <= 0),
                ("below_min_price", (price < low) & np.isnan(exception)),
                ("below_floor", ~(price >= bound)),
            ]
        return held(changes.height, reasons)


def floor(changes: pl.DataFrame, limits: GuardPolicy) -> Floats:
    """(n,) lowest price allowed, whole minor units; NaN where it cannot be known, infinite where no price could pay the cost.

    changes  columns landed_cost, tax_rate, fee_rate, payment_rate, discount_share, min_price, exception_floor
    """
    tax, fee, payment, discount = (number(changes, name) for name in SHARES)
    cost, low, exception = (number(changes, name) for name in ("landed_cost", "min_price", "exception_floor"))
    with np.errstate(divide="ignore", invalid="ignore"):
        need = break_even(tax, fee, payment, cost, limits.min_margin) / (1.0 - discount)
    usual = np.fmax(ceil_minor(need), low)
    known = _terms(changes) & (cost > 0)
    return np.where(known, np.where(exception > 0, exception, usual), np.nan)


def _terms(changes: pl.DataFrame) -> np.ndarray:
    """(n,) True where tax, fees and discount are known and can be."""
    tax, fee, payment, discount = (number(changes, name) for name in SHARES)
    shares = (fee >= 0) & (fee <= 1) & (payment >= 0) & (payment <= 1) & (discount >= 0) & (discount <= 1)
    return np.asarray((tax >= 0) & shares)


GUARD = HardFloor()
