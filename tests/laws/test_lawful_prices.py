"""The whole engine under random policies: no price of a price list breaks a rule, recomputed from the list alone."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from pricesmith.contracts.policy import policy_from
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.rule import Context
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided, decide, learn
from pricesmith.optimization.expectations import units_at
from pricesmith.rules import RULES
from pricesmith.rules.apply import check
from pricesmith.testing.fakes import made_snapshot
from tests.laws.rule_cases import GROUPS, LOCAL, loose_rules
from tests.oracle.rule_oracle import legal


@functools.cache
def learned() -> tuple[Snapshot, DemandModel]:
    """A shop in which some products lack a cost, a floor, a price or the right currency, and some are not for sale."""
    snapshot = made_snapshot(3, products=24, days=60)
    items = snapshot.items
    hurt = items.with_columns(
        items["landed_cost"].scatter([2, 9], [None, 0.0]),
        items["current_price"].scatter([5], [None]),
        items["currency"].scatter([7], ["USD"]),
        items["active"].scatter([11, 16], [0, 0]),
        items["fee_rate"].scatter([13], [0.985]),
        items["brand"].replace({"Acme": "own", "Birke": "national"}),
    )
    snapshot = dataclasses.replace(snapshot, items=hurt)
    return snapshot, learn(snapshot, policy_from({"currency": "EUR"}, RULES))


@pytest.mark.parametrize("seed", range(10))
def test_no_price_of_the_list_breaks_a_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    snapshot, model = learned()
    together = [GROUPS[number] for number in rng.choice(len(GROUPS), 2, replace=False)]
    plain = [*loose_rules(rng, most=3), *together]
    policy = policy_from({"currency": "EUR", "rule": plain}, RULES)
    decided = decide(snapshot, model, policy)
    rows = {row["sku"]: row for row in snapshot.items.to_dicts()}
    for row in decided.decisions.to_dicts():
        item = rows.pop(row["sku"])
        assert (row["action"] == "change") == (row["price"] != row["current_price"])
        if row["action"] == "change":
            single = [rule for rule in plain if rule["kind"] in LOCAL and rule.get("hard", True)]
            assert all(legal(rule, item, row["price"], 2, snapshot.as_of) for rule in single), (row, single)
            assert item["landed_cost"] and item["current_price"] and item["currency"] == "EUR"
    assert all(row["active"] == 0 for row in rows.values()), "every active product has its decision"
    assert_settled(decided, snapshot, policy_from({"currency": "EUR", "rule": together}, RULES).rules)


def assert_settled(decided: Decided, snapshot: Snapshot, rules: tuple[object, ...]) -> None:
    """Rules about several prices hold on the prices of the list."""
    prices = snapshot.items.join(decided.decisions, on=["sku", "channel", "region"], how="left", maintain_order="left")["price"]
    prices = prices.fill_null(snapshot.items["current_price"]).fill_null(0).to_numpy()
    block = decided.opened()
    units = units_at(block.curves, block.ladder, decided.column)
    context = Context(snapshot.as_of, "EUR", "gross", block.curves.base, units)
    assert not check(rules, snapshot.items, prices, context).any()  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [{"where": {"brand": "own"}}, {"hard": False}, {}])
def test_endings_of_some_products_are_on_their_ladder(more: dict[str, object]) -> None:
    """A rule on unusual endings binds whether it is about all products or some, hard or soft."""
    snapshot, model = learned()
    rules = [{"kind": "price_endings", "endings": [0.97], **more}, {"kind": "max_change", "step": 0.2}]
    decided = decide(snapshot, model, policy_from({"currency": "EUR", "rule": rules}, RULES))
    own = decided.decisions.join(snapshot.items.filter(brand="own").select("sku"), on="sku").filter(action="change")
    assert own.height >= 3 and (own["price"] % 100 == 97).all()
    assert not any(decided.opened().allowed.clash)
