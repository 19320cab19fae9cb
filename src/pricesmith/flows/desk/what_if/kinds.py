"""What can be asked about: kinds of change with the fields of their forms, as the settings of the shop have them begin."""

from __future__ import annotations

from typing import Any

import msgspec

from pricesmith.contracts.policy import Policy

from .scenario import SCENARIOS
from .scenario._change import fields

FIRST = (
    "move_limit",
    "cost_change",
    "competitor_change",
    "set_price",
    "set_cost",
    "objective",
    "margin_floor",
    "change_budget",
    "rule_off",
)
"""Kinds of change in the order in which they are asked about most."""


class Field(msgspec.Struct, frozen=True):
    """A field of a kind of change.

    asks  what it is filled in with;  default: what it begins with;  low, high: bounds;  choices: what can be chosen
    """

    name: str
    asks: str
    needed: bool
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: list[str] = []


class Kind(msgspec.Struct, frozen=True):
    """A kind of change that can be asked about."""

    kind: str
    fields: list[Field]


def kinds(policy: Policy) -> list[Kind]:
    """Kinds of change: those that are asked about most first, those of other packages last."""
    names = [name for name in FIRST if name in SCENARIOS] + [name for name in SCENARIOS if name not in FIRST]
    return [_kind(name, policy) for name in names]


def _kind(name: str, policy: Policy) -> Kind:
    begins = SCENARIOS[name].begins(policy)
    return Kind(name, [_field(one, schema, begins.get(one)) for one, schema in fields(SCENARIOS[name]).items()])


def _field(name: str, schema: dict[str, Any], begins: Any) -> Field:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    start = schema.get("default") if begins is None else begins
    return Field(name, schema.get("asks", "text"), schema["needed"], start, low, high, schema.get("enum", []))
