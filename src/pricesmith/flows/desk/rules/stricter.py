"""Where a rule allows more than a guard lets through: such prices are decided, approved, and then held at the gate."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.rule import Rule
from pricesmith.contracts.toml_lines import line_of
from pricesmith.rules.apply import names_of
from pricesmith.rules.margin_floor import MarginFloor
from pricesmith.rules.max_change import MaxChange

STEPS = ("max_step", "max_day", "max_week")


class Stricter(msgspec.Struct, frozen=True):
    """A rule, and the guard that stops what it allows. allows, limit: shares; setting: of section [guards].

    line  of the setting in the text, None where it is not there and its default holds
    A step may be as large as `allows` under the rule and `limit` under the guard; a margin as small.
    """

    rule: str
    guard: str
    setting: str
    allows: float
    limit: float
    line: int | None


def stricter(policy: Policy, text: str) -> list[Stricter]:
    """Rules in their order; where another hard rule keeps the whole shop inside the guard's limit there is nothing to say."""
    guards, whole = policy.guards, [rule for rule in policy.rules if rule.hard and not rule.where]
    setting, step = largest_step(guards)
    least = max((rule.mark_up for rule in whole if isinstance(rule, MarginFloor)), default=0.0)
    found = []
    for name, rule in zip(names_of(policy.rules), policy.rules, strict=True):
        if isinstance(rule, MaxChange):
            reach = [one for one, kept in zip(rule.reach, _reach(whole), strict=True) if step < one < np.inf and kept > step]
            found += [Stricter(name, "G3", setting, max(reach), step, _line(text, setting))] if reach else []
        elif isinstance(rule, MarginFloor) and rule.mark_up < guards.min_margin and least < guards.min_margin:
            found.append(Stricter(name, "G1", "min_margin", rule.mark_up, guards.min_margin, _line(text, "min_margin")))
    return found


def largest_step(guards: GuardPolicy) -> tuple[str, float]:
    """The largest move that G3 lets through at once where a price has stood for a week, and the setting that says so."""
    setting = min(STEPS, key=lambda name: getattr(guards, name))
    return setting, float(getattr(guards, setting))


def _line(text: str, setting: str) -> int | None:
    """Line of a setting of [guards]; None where the text does not name it."""
    line = line_of(text, f"$.guards.{setting}")
    return line if line is not None and setting in text.splitlines()[line - 1].partition("=")[0] else None


def _reach(whole: Sequence[Rule]) -> tuple[float, float]:
    """Largest rise and cut that rules over the whole shop allow."""
    reaches = [rule.reach for rule in whole if isinstance(rule, MaxChange)]
    return min((up for up, _ in reaches), default=np.inf), min((down for _, down in reaches), default=np.inf)
