"""Laws of made shops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.score import captured
from pricesmith.simulation.shop import SimulatedShop, simulate
from pricesmith.simulation.world import KINDS

shops = st.builds(
    lambda kind, seed, products: simulate(kind, np.random.default_rng(seed), products=products, days=45),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 10**6),
    products=st.integers(2, 14),
)
seeds = st.integers(0, 10**6)


def random_plan(shop: SimulatedShop, seed: int) -> np.ndarray:
    ladder = shop.truth.candidates()
    column = np.random.default_rng(seed).integers(0, ladder.shape[1], len(ladder))
    return np.take_along_axis(ladder, column[:, None], 1)[:, 0]


@given(shops, seeds)
def test_no_lawful_plan_beats_the_optimum_by_much(shop: SimulatedShop, seed: int) -> None:
    """Coordinate ascent may stop short in a family; a random plan never beats it by more than a thousandth."""
    best = shop.truth.profit(optimum(shop.truth, np.random.default_rng(0))).sum()
    assert shop.truth.profit(random_plan(shop, seed)).sum() <= best + 1e-3 * abs(best)


@given(shops, seeds)
def test_captured_share_is_linear_in_profit_and_at_most_one(shop: SimulatedShop, seed: int) -> None:
    best = optimum(shop.truth, np.random.default_rng(0))
    share = captured(shop.truth, random_plan(shop, seed), best)
    assert np.isnan(share) or share <= 1.0 + 1e-2


@given(shops, seeds)
def test_units_fall_with_the_own_price_alone(shop: SimulatedShop, seed: int) -> None:
    truth, plan = shop.truth, random_plan(shop, seed)
    product = seed % len(plan)
    dearer = plan.astype(float)
    dearer[product] *= 1.07
    assert truth.units(dearer)[product] < truth.units(plan)[product]
    others = np.array(
        [truth.response.slot[family] for family in range(len(truth.response.slot)) if product in truth.response.slot[family]]
    ).ravel()
    strangers = np.setdiff1d(np.arange(len(plan)), others)
    assert np.allclose(truth.units(dearer)[strangers], truth.units(plan)[strangers], rtol=1e-12)


@given(shops, seeds)
def test_plans_drawn_from_the_candidates_are_lawful(shop: SimulatedShop, seed: int) -> None:
    truth = shop.truth
    assert truth.law.keeps(random_plan(shop, seed), truth.current, truth.kept_rate, truth.landed_minor).all()


@given(shops)
def test_tighter_rules_offer_fewer_prices(shop: SimulatedShop) -> None:
    truth = shop.truth
    tight = replace(truth, law=replace(truth.law, max_change=truth.law.max_change / 2))
    every = 10**6
    rates = (truth.current, truth.kept_rate, truth.landed_minor)
    offered = zip(truth.law.candidates(*rates, every), tight.law.candidates(*rates, every), truth.current, strict=True)
    for wide, narrow, current in offered:
        assert set(narrow) <= set(wide) or set(narrow) == {current}, "the current price alone, where none is within reach"
