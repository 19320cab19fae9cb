"""Index limit: how far prices may move on average."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.rule import Context, Coupling, NonNegative, Rule, per_cent

from ._groups import priced


class IndexLimit(Rule, frozen=True, kw_only=True, tag="index_limit"):
    """The average move of the prices stays within a limit, up and down.

    |sum of w_i * (price_i / current_i - 1)| <= max_move, with weights that sum to 1: expected revenue at the current price, or all equal.
    """

    max_move: Annotated[NonNegative, per_cent("largest average move, a fraction: 0.01 = 1 %", le=10.0)]
    weights: Annotated[Literal["revenue", "equal"], Meta(description="revenue: by expected revenue today; equal: each product once")] = (
        "revenue"
    )

    def couplings(self, items: pl.DataFrame, context: Context) -> Coupling | None:
        member = self.selects(items) & priced(items)
        equal = np.where(member, 1.0 / max(int(member.sum()), 1), 0.0) if self.weights == "equal" else None
        group = np.where(member, 0, -1).astype(np.int64)
        return Coupling("index", group, np.array([-self.max_move]), np.array([self.max_move]), ("all",), equal)


RULE = IndexLimit

EXAMPLE = """
[[rule]]
kind = "index_limit"
max_move = 0.01
weights = "revenue"
"""
