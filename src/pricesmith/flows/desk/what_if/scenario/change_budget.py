"""At most so many prices change."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.rules import RULES

from ._change import Change, field, with_rules


class ChangeBudget(Change, frozen=True, kw_only=True, tag="change_budget"):
    """At most `most` prices change in one run, the most valuable first."""

    most: Annotated[int, field("number", "number of prices that may change", ge=0)]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        return with_rules(policy, [*policy.rules, RULES["change_budget"](max_changes=self.most)])  # type: ignore[call-arg]


SCENARIO = ChangeBudget
