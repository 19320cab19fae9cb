"""Prices of a category move by at most so much."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.rules import RULES

from ._change import Category, Change, checked_category, field, selectors, share, with_rules


class MoveLimit(Change, frozen=True, kw_only=True, tag="move_limit"):
    """Prices of a category move by at most `percent` either way; the other rules stay."""

    category: Category = ""
    percent: Annotated[float, field("percent", "largest move either way, percent of the current price", ge=0.0, le=100.0)]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        checked_category(items, self.category)
        limits = [RULES["max_change"](step=share(self.percent), where=where) for where in selectors(items, self.category)]  # type: ignore[call-arg]
        return with_rules(policy, [*policy.rules, *limits])


SCENARIO = MoveLimit
