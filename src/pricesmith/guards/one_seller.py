"""G14: no single competitor leads our price."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, maybe, number, undoing
from .max_move import within


class OneSeller:
    """Holds a price that moves more than `one_seller_day` within 24 hours where one competitor alone may have caused it.

    One alone may have where fewer than `sellers` offers counted, or where leaving any one of them out moves their reference by more than
    that (`influence`, from `reference` of guards/offers.py). What is unknown counts as one seller.
    """

    number = "G14"
    incident = "The Making of a Fly 2011: each price followed one other. A rival's slip or lure that pulls a price with it."
    codes = {"one_seller": "the price moves too far for a day on the word of one competitor, or of fewer than [guards] sellers"}
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        price, low, high, now = (number(changes, name) for name in ("price", "low_24h", "high_24h", "current_price"))
        with np.errstate(invalid="ignore"):
            influence = number(changes, "influence")
            many = (number(changes, "sellers") >= limits.sellers) & (influence >= 0) & (influence <= limits.one_seller_day)
            small = within(price, low, high, limits.one_seller_day) & within(price, now, now, limits.one_seller_day)
        return held(changes.height, [("one_seller", maybe(changes, "follows") & ~many & ~small & ~undoing(changes))])


GUARD = OneSeller()
