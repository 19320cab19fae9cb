"""A rule is switched off."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import Policy
from pricesmith.rules.apply import names_of

from ._change import Change, field, with_rules


class RuleOff(Change, frozen=True, kw_only=True, tag="rule_off"):
    """Prices are chosen without one of the rules."""

    rule: Annotated[str, field("rule", "name of the rule; the second of a kind is `kind:2`")]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        names = names_of(policy.rules)
        if self.rule not in names:
            raise UnknownChoice("rule", self.rule, names)
        return with_rules(policy, [rule for name, rule in zip(names, policy.rules, strict=True) if name != self.rule])


SCENARIO = RuleOff
