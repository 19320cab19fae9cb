"""Change budget: how many prices may change in one run."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.rule import Context, Coupling, Rule

from ._groups import priced


class ChangeBudget(Rule, frozen=True, kw_only=True, tag="change_budget"):
    """At most so many prices change in one run: the most valuable changes come first."""

    max_changes: Annotated[int, Meta(ge=0, description="number of prices that may change in a run")]

    def couplings(self, items: pl.DataFrame, context: Context) -> Coupling | None:
        group = np.where(self.selects(items) & priced(items), 0, -1).astype(np.int64)
        return Coupling("changed", group, np.array([-np.inf]), np.array([float(self.max_changes)]), ("all",))


RULE = ChangeBudget

EXAMPLE = """
[[rule]]
kind = "change_budget"
max_changes = 200
"""
