"""Another margin floor."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.policy import Policy
from pricesmith.rules import RULES

from ._change import Category, Change, checked_category, field, selectors, share, with_rules


class MarginFloor(Change, frozen=True, kw_only=True, tag="margin_floor"):
    """Every price keeps at least `percent` of the landed cost as margin. For the whole shop it takes the place of the floor there is."""

    category: Category = ""
    percent: Annotated[float, field("percent", "least margin, percent of the landed cost", ge=0.0, le=10_000.0)]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        checked_category(items, self.category)
        least = share(self.percent)
        whole = [number for number, rule in enumerate(policy.rules) if rule.kind == "margin_floor" and not rule.where]
        if not self.category and whole:
            rules = list(policy.rules)
            rules[whole[0]] = msgspec.structs.replace(rules[whole[0]], min_margin=least, of_price=None)
            return with_rules(policy, [rule for number, rule in enumerate(rules) if number not in whole[1:]])
        floors = [policy.rules[number].mark_up for number in whole]  # type: ignore[attr-defined]
        stricter = [one for one in floors if one > least]
        if stricter:
            raise UsageError(f"a margin floor of {max(stricter):.1%} holds for the whole shop", hint="lower it for the whole shop")
        floor = RULES["margin_floor"]
        added = [floor(min_margin=least, where=where) for where in selectors(items, self.category)]  # type: ignore[call-arg]
        return with_rules(policy, [*policy.rules, *added])


SCENARIO = MarginFloor
