"""Where the price list says that no price obeys all rules, none does: recounted over every whole price within reach, by another hand."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import policy_from
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import decide, learn
from pricesmith.rules import RULES
from pricesmith.testing.fakes import made_snapshot
from tests.laws.rule_cases import loose_rule
from tests.oracle.rule_oracle import legal


@functools.cache
def learned(currency: str) -> tuple[Snapshot, DemandModel]:
    snapshot = made_snapshot(3, products=24, days=60)
    items = snapshot.items.with_columns(currency=pl.lit(currency)).with_columns(pl.col("brand").replace({"Acme": "own"}))
    snapshot = dataclasses.replace(snapshot, items=items, currency=currency)
    return snapshot, learn(snapshot, policy_from({"currency": currency}, RULES))


def at_prices(snapshot: Snapshot, prices: np.ndarray, costs: np.ndarray) -> Snapshot:
    items = snapshot.items.with_columns(current_price=pl.Series(prices, dtype=pl.Int64), landed_cost=pl.Series(costs))
    return dataclasses.replace(snapshot, items=items)


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.parametrize("seed", range(6))
def test_a_product_is_held_only_where_no_price_is_left(seed: int, currency: str) -> None:
    rng = np.random.default_rng(seed)
    snapshot, model = learned(currency)
    prices = np.round(np.exp(rng.uniform(np.log(200), np.log(120_000), snapshot.items.height))).astype(np.int64)
    rules: list[dict[str, Any]] = [loose_rule(rng, kind, currency) for kind in ("price_endings", "price_endings", "margin_floor")]
    for rule in rules[:2]:  # beside others from 1 on, 0 stands for as many digits as they have: the other hand does not know that
        rule["endings"] = [ending for ending in rule["endings"] if ending or currency == "EUR"]
    rules[1]["where"] = {"brand": "own"}
    rules.append({"kind": "max_change", "step": float(rng.choice([0.004, 0.01, 0.03, 0.1]))})
    rules.append({"kind": "min_change", "step": 0.002})
    rng.shuffle(rules)  # type: ignore[arg-type]
    shop = at_prices(snapshot, prices, prices * 0.5)
    decided = decide(shop, model, policy_from({"currency": currency, "rule": rules}, RULES))
    held = decided.decisions.filter(reason="no_feasible_price")
    rows = {row["sku"]: row for row in shop.items.to_dicts()}
    digits = 2 if currency == "EUR" else 0
    for row in held.to_dicts():
        item = rows[row["sku"]]
        near = range(int(item["current_price"] * 0.89), int(item["current_price"] * 1.11) + 1)
        lawful = [price for price in near if all(legal(rule, item, price, digits, shop.as_of) for rule in rules)]
        assert not [price for price in lawful if price != item["current_price"]], (rules, item["current_price"], lawful[:5])


def one(price: int, rules: list[dict[str, Any]], currency: str = "EUR") -> set[int]:
    """What products at that price may be set to under the rules."""
    snapshot, model = learned("EUR")
    shop = at_prices(snapshot, np.full(snapshot.items.height, price), np.full(snapshot.items.height, price * 0.5))
    shop = dataclasses.replace(shop, items=shop.items.with_columns(currency=pl.lit(currency)), currency=currency)
    decided = decide(shop, model, policy_from({"currency": currency, "rule": rules}, RULES))
    assert decided.decisions.filter(reason="no_feasible_price").is_empty()
    block = decided.opened()
    return set(block.ladder.prices[block.allowed.valid & block.ladder.valid].tolist()) - {price}


WHOLE, EIGHTS = {"kind": "price_endings", "endings": [0.0]}, {"kind": "price_endings", "endings": [8], "where": {"sku": "*"}}
FIVES, NINES = {"kind": "price_endings", "endings": [5.99]}, {"kind": "price_endings", "endings": [0.99]}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("price", "step", "pair", "currency", "lawful"),
    [(60_000, 0.1, (WHOLE, EIGHTS), "CNY", {54_800, 60_800, 65_800}), (60_099, 0.1, (NINES, FIVES), "EUR", {54_599, 60_599, 65_599})],
)
def test_two_rules_on_endings_are_met_in_either_order(
    price: int, step: float, pair: tuple[dict[str, Any], dict[str, Any]], currency: str, lawful: set[int], turned: bool
) -> None:
    """One of them made the candidates, thinned at such prices, and none of those met the other: products were held for nothing."""
    found = one(price, [{"kind": "max_change", "step": step}, *(reversed(pair) if turned else pair)], currency)
    assert lawful <= found
    assert all(100 * (own // 100) == own if currency == "CNY" else own % 1000 == 599 for own in found)


def test_a_soft_rule_does_not_give_way_where_some_price_meets_it() -> None:
    found = one(60_099, [{"kind": "max_change", "step": 0.1}, NINES, {**FIVES, "hard": False}])
    assert all(price % 1000 == 599 for price in found) and len(found) > 5


def test_a_soft_rule_that_no_price_meets_gives_way_to_prices_beside_the_ladder() -> None:
    """99.99 is too far; of the hard rules alone 60299 ... 60300 leaves 60300, which is no candidate of 0.99."""
    rules = [
        {"kind": "price_bounds"},
        {"kind": "max_change", "step": 0.0005},
        WHOLE,
        {"kind": "price_endings", "endings": [99.99], "hard": False},
    ]
    assert one(60_290, rules) == {60_300}
