"""What is asked of a few prices of a run is what `check` says of all of them: rules over several items, by themselves."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.rule import Context, numbers
from pricesmith.rules.apply import Rules, check, names_of, settle
from pricesmith.rules.together import breaking, together
from tests.unit.rules.shelf import EUR, items, rules

COUNT = 8
KINDS: dict[str, dict[str, Any]] = {
    "index by revenue": {"kind": "index_limit", "max_move": 0.05},
    "index, each once": {"kind": "index_limit", "max_move": 0.05, "weights": "equal"},
    "changes": {"kind": "change_budget", "max_changes": 3},
    "margin of categories": {"kind": "category_floor", "quantity": "margin", "share": 0.97, "level": 1},
    "revenue of the shop": {"kind": "category_floor", "quantity": "revenue", "share": 0.97},
    "one price": {"kind": "same_price", "by": "family"},
    "ratio": {"kind": "relation", "gap": "brand", "of": {"brand": "own"}, "to": {"brand": "big"}, "max_ratio": 0.9},
}


def shelf(rng: np.random.Generator) -> pl.DataFrame:
    """Items in two families and two categories, each with a price of today or none."""
    family = [str(one) for one in rng.choice(["a", "b"], COUNT)]
    today = {one: int(rng.integers(80, 160)) * 10 for one in "ab"}
    return items(
        *(
            {
                "family": one,
                "category": str(rng.choice(["home/pans", "garden"])),
                "brand": str(rng.choice(["own", "big", "other"])),
                "current_price": None if rng.random() < 0.1 else today[one],
                "landed_cost": float(rng.integers(200, 700)),
            }
            for one in family
        )
    )


def sold(prices: Ints, scale: Floats) -> Floats:
    """(n,) expected units a day at these prices; 0 is the price of an item that has none."""
    return np.where(prices > 0, scale * (np.maximum(prices, 1) / 1000.0) ** -2.0, 0.0)


def at(prices: Ints, today: Ints, scale: Floats) -> Context:
    return dataclasses.replace(EUR, units_now=sold(today, scale), units_then=sold(prices, scale))


def a_run(rng: np.random.Generator, found: Rules, frame: pl.DataFrame, scale: Floats) -> Ints:
    """(n,) prices that break nothing: some move, alike inside a family, and go back where a rule forbids it."""
    today = np.nan_to_num(numbers(frame, "current_price")).astype(np.int64)
    family = (frame["family"] == "a").to_numpy().astype(int)
    steps = rng.choice([-40, 0, 30, 100], 2)[family]
    wanted = np.where(today > 0, today + steps * (rng.random(COUNT) < 0.7), 0)
    return settle(found, frame, wanted, at(wanted, today, scale), today)[0]


def other_plans(rng: np.random.Generator, frame: pl.DataFrame, prices: Ints, rows: Ints, count: int) -> Ints:
    """(count, m) other prices of some items: today's, near those of the run, or the same for all of a family."""
    today, family = numbers(frame, "current_price")[rows], (frame["family"] == "a").to_numpy().astype(int)[rows]
    near = np.rint(prices[rows] * rng.uniform(0.9, 1.1, (count, rows.size)) / 10) * 10
    alike = np.rint(rng.uniform(800, 1600, (count, 2)))[:, family]
    kind = rng.choice(3, (count, rows.size), p=[0.3, 0.4, 0.3])
    kind[::4] = 2
    return np.choose(kind, (np.broadcast_to(today, near.shape), near, alike)).astype(np.int64)


@given(st.integers(0, 2**31), st.sets(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3), st.integers(1, 4))
def test_other_prices_of_a_few_are_judged_as_the_whole_shop_is(seed: int, kinds: set[str], count: int) -> None:
    rng = np.random.default_rng(seed)
    found, frame, scale = rules(*(KINDS[kind] for kind in sorted(kinds))), shelf(rng), rng.uniform(0.5, 5.0, COUNT)
    today = np.nan_to_num(numbers(frame, "current_price")).astype(np.int64)
    prices = a_run(rng, found, frame, scale)
    priced = np.flatnonzero(today > 0)
    assume(priced.size and not check(found, frame, prices, at(prices, today, scale)).any())
    known = together(found, frame, prices, at(prices, today, scale))
    rows = np.sort(rng.choice(priced, min(count, priced.size), replace=False))
    plans = other_plans(rng, frame, prices, rows, 12)
    told = breaking(known, frame, rows, plans, np.array([sold(plan, scale[rows]) for plan in plans]))
    for plan, broken in zip(plans, told, strict=True):
        whole = prices.copy()
        whole[rows] = plan
        wrong = check(found, frame, whole, at(whole, today, scale)).any(axis=1)
        assert {one.rule for one in broken} == {name for name, out in zip(names_of(found), wrong, strict=True) if out}, (kinds, rows, plan)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_rule_is_broken_and_kept_among_such_cases(kind: str) -> None:
    """The law above would hold of nothing if its prices never broke a rule, or always did."""
    seen = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found, frame, scale = rules(KINDS[kind]), shelf(rng), rng.uniform(0.5, 5.0, COUNT)
        today = np.nan_to_num(numbers(frame, "current_price")).astype(np.int64)
        prices = a_run(rng, found, frame, scale)
        known = together(found, frame, prices, at(prices, today, scale))
        rows = np.flatnonzero(today > 0)
        plans = other_plans(rng, frame, prices, rows, 4)
        seen |= {bool(broken) for broken in breaking(known, frame, rows, plans, np.array([sold(plan, scale[rows]) for plan in plans]))}
    assert seen == {True, False}
