"""One setting of a rule has another value."""

from __future__ import annotations

import tomllib
from typing import Annotated

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice, UsageError
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.rule import plain
from pricesmith.rules import RULES
from pricesmith.rules.apply import names_of

from ._change import Change, field


class RuleValue(Change, frozen=True, kw_only=True, tag="rule_value"):
    """A rule that there is with another value of one of its fields, written as in shop.toml."""

    rule: Annotated[str, field("rule", "name of the rule; the second of a kind is `kind:2`")]
    setting: Annotated[str, field("setting", "field of the rule, such as `step`")]
    value: Annotated[str, field("text", "its new value as in shop.toml: 0.05, true, [0.99]")]

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        names = names_of(policy.rules)
        if self.rule not in names:
            raise UnknownChoice("rule", self.rule, names)
        number = names.index(self.rule)
        document = msgspec.to_builtins(msgspec.structs.replace(policy, rules=()))
        document["rule"] = [plain(rule) for rule in policy.rules]
        document["rule"][number][self.setting] = self._value()
        return policy_from(document, RULES, where=f"{self.rule} {self.setting}")

    def _value(self) -> object:
        try:
            return tomllib.loads(f"value = {self.value}")["value"]
        except tomllib.TOMLDecodeError:
            raise UsageError(f"{self.value!r} is no value of shop.toml", hint='write 0.05, true, "text" or [0.99]') from None


SCENARIO = RuleValue
