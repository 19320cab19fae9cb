"""Random policies and ladders for the laws of rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from pricesmith.contracts.policy import policy_from
from pricesmith.contracts.rule import Context, Rule
from pricesmith.rules import RULES

DAY = dt.date(2026, 12, 24)
LOCAL = ("margin_floor", "max_change", "min_change", "price_endings", "competitor_band", "price_bounds", "freeze", "exclude")
"""Kinds that judge each price by itself."""

GROUPS: list[dict[str, Any]] = [
    {"kind": "same_price", "by": "family"},
    {"kind": "zone_parity", "tolerance": 0.1},
    {"kind": "relation", "gap": "size"},
    {"kind": "relation", "gap": "brand", "by": "category", "of": {"brand": "own*"}, "to": {"brand": "national"}, "max_ratio": 0.9},
    {"kind": "relation", "gap": "line", "order": ["tail", "key"], "max_ratio": 1.5},
    {"kind": "change_budget", "max_changes": 10},
    {"kind": "index_limit", "max_move": 0.01, "weights": "equal"},
    {"kind": "category_floor", "quantity": "revenue", "share": 0.99},
]
"""Rules that judge prices together."""

_WHERE = [{"category": "home/*"}, {"brand": "own*"}, {"role": "key"}, {"sku": "A*"}, {"channel": "web", "region": "DE"}]


def context(currency: str = "EUR") -> Context:
    return Context(DAY, currency, "gross")


FRACTIONS = [0.99, 0.49, 0.9, 0.0, 9.99, 0.95]
ENDINGS = {"JPY": [99.0, 49.0, 90.0, 0.0, 980.0, 95.0]}


def loose_rule(rng: np.random.Generator, kind: str, currency: str = "EUR") -> dict[str, Any]:
    """A random rule of a local kind as a plain mapping, with round figures as people write them."""
    number = {
        "margin_floor": lambda: {str(rng.choice(["min_margin", "of_price"])): float(rng.choice([0.0, 0.05, 0.1, 0.25]))},
        "max_change": lambda: {"step": float(rng.choice([0.05, 0.1, 0.15, 0.2, 0.33, 0.5]))},
        "min_change": lambda: {"step": float(rng.choice([0.005, 0.01, 0.02, 0.05]))},
        "price_endings": lambda: {"endings": [float(e) for e in rng.choice(ENDINGS.get(currency, FRACTIONS), 3, replace=False)]},
        "competitor_band": lambda: {
            "low": float(rng.choice([0.7, 0.8, 0.9, 0.95])),
            "high": float(rng.choice([1.05, 1.1, 1.3])),
            "reference": str(rng.choice(["median", "cheapest", "second", "average"])),
        },
        "price_bounds": dict,
        "freeze": lambda: {"from": "2026-12-20", "to": "2027-01-02"} if rng.random() < 0.5 else {"from": "2026-11-01", "to": "2026-11-30"},
        "exclude": lambda: {"where": {"brand": "Acme"}},
    }[kind]()
    if "where" not in number and rng.random() < 0.3:
        number["where"] = _WHERE[int(rng.integers(len(_WHERE)))]
    return {"kind": kind, **number}


def loose_rules(rng: np.random.Generator, most: int = 6, soft: float = 0.25, currency: str = "EUR") -> list[dict[str, Any]]:
    """One to `most` random rules of local kinds, kinds may repeat; a share of them soft."""
    drawn = [loose_rule(rng, str(rng.choice(LOCAL)), currency) for _ in range(int(rng.integers(1, most + 1)))]
    return [{**rule, **({"hard": False, "priority": int(rng.integers(0, 3))} if rng.random() < soft else {})} for rule in drawn]


def read(rules: list[dict[str, Any]], currency: str = "EUR") -> tuple[Rule, ...]:
    return policy_from({"currency": currency, "rule": rules}, RULES).rules


def tighter(rng: np.random.Generator, rule: dict[str, Any]) -> dict[str, Any]:
    """The same rule, made stricter."""
    kind, share = rule["kind"], float(rng.choice([0.3, 0.7, 0.99]))
    stricter: dict[str, Any] = {
        "margin_floor": lambda: {name: rule[name] + 0.2 * share for name in ("min_margin", "of_price") if name in rule},
        "max_change": lambda: {"step": rule["step"] * share},
        "min_change": lambda: {"step": rule["step"] / share},
        "price_endings": lambda: {"endings": rule["endings"][:1]},
        "competitor_band": lambda: {"low": 1 - (1 - rule["low"]) * share, "high": 1 + (rule["high"] - 1) * share},
        "price_bounds": lambda: {"min_price": 5.0, "max_price": 50.0},
        "freeze": lambda: {"from": "2026-01-01", "to": "2027-12-31"},
        "exclude": lambda: {"where": {}},
    }[kind]()
    return {**rule, **stricter}
