"""Another margin floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.policy import Policy
from pricesmith.rules import RULES

from ._change import Category, Change, checked_category, field, selectors, share, with_rules


class MarginFloor(Change, frozen=True, kw_only=True, tag="margin_floor"):
    """Every price keeps at least `percent` as margin. For the whole shop it takes the place of the floor there is.

    measure  `landed_cost`: per cent of the landed cost, a mark-up;  `price`: of what is kept of the price after tax and fees, below 100
    """

    category: Category = ""
    percent: Annotated[float, field("percent", "least margin, per cent of what `measure` says", ge=0.0, le=10_000.0)]
    measure: Annotated[Literal["landed_cost", "price"], field("measure", "what the margin is a share of")] = "landed_cost"

    @classmethod
    def begins(cls, policy: Policy) -> Mapping[str, Any]:
        """The margin is asked for as the shop's own floor gives it."""
        whole = [rule for rule in policy.rules if rule.kind == "margin_floor" and not rule.where]
        return {"measure": "price"} if whole and whole[0].of_price is not None else {}  # type: ignore[attr-defined]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        checked_category(items, self.category)
        least = self._least()
        floor = RULES["margin_floor"](**least)  # type: ignore[arg-type]
        whole = [number for number, rule in enumerate(policy.rules) if rule.kind == "margin_floor" and not rule.where]
        if not self.category and whole:
            rules = list(policy.rules)
            rules[whole[0]] = msgspec.structs.replace(rules[whole[0]], **least)
            return with_rules(policy, [rule for number, rule in enumerate(rules) if number not in whole[1:]])
        highest = max((policy.rules[number].mark_up for number in whole), default=0.0)  # type: ignore[attr-defined]
        if highest > floor.mark_up:  # type: ignore[attr-defined]
            raise UsageError(
                f"a margin floor of {self._as_asked(highest):.1%} holds for the whole shop", hint="lower it for the whole shop"
            )
        return with_rules(policy, [*policy.rules, *(msgspec.structs.replace(floor, where=at) for at in selectors(items, self.category))])

    def _least(self) -> dict[str, float | None]:
        """The fields of the rule that say this margin."""
        least = share(self.percent)
        if self.measure == "landed_cost":
            return {"min_margin": least, "of_price": None}
        if least > MOST_OF_PRICE:
            what = f"{self.percent:g} % of the price leaves too little for the cost"
            raise UsageError(
                what, where="margin_floor percent", hint=f"up to {MOST_OF_PRICE:.0%} of the price, or a margin of the landed cost"
            )
        return {"min_margin": None, "of_price": least}

    def _as_asked(self, mark_up: float) -> float:
        """A mark-up as the share that is asked about: m of the cost is m / (1 + m) of what is kept."""
        return mark_up if self.measure == "landed_cost" else mark_up / (1.0 + mark_up)


MOST_OF_PRICE = 0.99
"""The most that the rule takes as a share of the price."""

SCENARIO = MarginFloor
