"""Zone parity: one product costs about the same in every channel and region."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.rule import Context, NonNegative, Rule, Ties, per_cent

from ._groups import all_pairs, groups, priced

_COLUMNS = {"both": ("sku",), "region": ("sku", "channel"), "channel": ("sku", "region")}


class ZoneParity(Rule, frozen=True, kw_only=True, tag="zone_parity"):
    """The prices of one product in different channels and regions differ by at most a tolerance.

    highest <= (1 + tolerance) * lowest. `across` says which zones are compared: regions within each channel, channels within each region,
    or all with all. Prices that lie too far apart today come together in the run in which the other rules let them, whatever that earns.
    """

    tolerance: Annotated[NonNegative, per_cent("how far the highest may stand above the lowest, a fraction: 0.05 = 5 %", le=10.0)]
    across: Annotated[Literal["both", "region", "channel"], Meta(description="zones that are compared: both, region or channel")] = "both"

    def ties(self, items: pl.DataFrame, context: Context) -> Ties | None:
        first, second = all_pairs(groups(items, _COLUMNS[self.across], self.selects(items) & priced(items)))
        wide = 1.0 + self.tolerance
        return Ties(first, second, np.full(first.size, 1.0 / wide), np.full(first.size, wide)) if first.size else None


RULE = ZoneParity

EXAMPLE = """
[[rule]]
kind = "zone_parity"
tolerance = 0.05
across = "region"
"""
