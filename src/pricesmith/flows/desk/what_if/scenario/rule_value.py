"""One setting of a rule has another value."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.rule import plain
from pricesmith.flows.desk.rules.rule_kinds import setting_value
from pricesmith.rules import RULES
from pricesmith.rules.apply import names_of

from ._change import Change, field


class RuleValue(Change, frozen=True, kw_only=True, tag="rule_value"):
    """A rule that there is with another value of one of its fields."""

    rule: Annotated[str, field("rule", "name of the rule; the second of a kind is `kind:2`")]
    setting: Annotated[str, field("setting", "field of the rule, such as `step`")]
    value: Annotated[str, field("text", "its new value: a share in per cent (5 or 5 %), any other as in shop.toml (true, [0.99])")]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        names = names_of(policy.rules)
        if self.rule not in names:
            raise UnknownChoice("rule", self.rule, names)
        number = names.index(self.rule)
        document = msgspec.to_builtins(msgspec.structs.replace(policy, rules=()))
        document["rule"] = [plain(rule) for rule in policy.rules]
        document["rule"][number][self.setting] = setting_value(policy.rules[number].kind, self.setting, self.value)
        return policy_from(document, RULES, where=f"{self.rule} {self.setting}")


SCENARIO = RuleValue
