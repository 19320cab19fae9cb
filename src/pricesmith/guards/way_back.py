"""G9: what cannot be taken back does not leave."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, number


class WayBack:
    """Holds a price where the one that it replaces is unknown: it could not be restored."""

    number = "G9"
    incident = "RepricerExpress 2014: wrong prices took a further few hours to be put right."
    codes = {"no_way_back": "the price in the shop is unknown, so the change could not be undone; read the shop's prices first"}
    reads = ("current_price",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        with np.errstate(invalid="ignore"):
            return held(changes.height, [("no_way_back", ~(number(changes, "current_price") > 0))])


GUARD = WayBack()
