"""The optimum with the truth known."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.shop import simulate
from pricesmith.simulation.truth import Truth


def truth(kind: str, products: int = 40, seed: int = 0) -> Truth:
    return simulate(kind, np.random.default_rng(seed), products=products, days=60).truth


@pytest.mark.parametrize("kind", ["plain", "families", "logit", "jpy"])
def test_no_random_plan_is_better(kind: str) -> None:
    known, rng = truth(kind), np.random.default_rng(1)
    best = known.profit(optimum(known, rng)).sum()
    ladder = known.candidates()
    for _ in range(200):
        column = rng.integers(0, ladder.shape[1], len(ladder))
        plan = np.take_along_axis(ladder, column[:, None], 1)[:, 0]
        assert known.profit(plan).sum() <= best * (1 + 1e-12)
    assert best >= known.profit(known.current).sum()


@pytest.mark.parametrize("seed", range(5))
def test_equals_enumeration_on_small_shops(seed: int) -> None:
    known = truth("families", products=3, seed=seed)
    narrow = replace(known, law=replace(known.law, max_change=0.08))
    ladder = narrow.candidates()
    plans = np.array(list(itertools.product(*(sorted(set(row)) for row in ladder))))
    brute = narrow.profit(plans).sum(1).max()
    assert narrow.profit(optimum(narrow, np.random.default_rng(0), starts=6)).sum() == pytest.approx(brute, rel=1e-12)


def test_every_price_is_lawful() -> None:
    known = truth("plain")
    best = optimum(known, np.random.default_rng(0))
    assert known.law.keeps(best, known.current, known.kept_rate, known.landed_minor).all()


def test_wider_rules_never_earn_less() -> None:
    known = truth("plain", seed=3)
    profits = []
    for step in (0.05, 0.1, 0.2):
        wide = replace(known, law=replace(known.law, max_change=step))
        profits.append(wide.profit(optimum(wide, np.random.default_rng(0), starts=8)).sum())
    assert profits == sorted(profits)
