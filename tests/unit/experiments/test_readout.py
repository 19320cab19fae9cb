"""The readout of a hold-out: unbiased by cluster where products substitute one another, which the comparison of products is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.experiments.holdout import cluster_of, draw
from pricesmith.experiments.readout import Readout, readout, summed
from pricesmith.simulation.noise import counts
from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.shop import SimulatedShop, simulate

SHARE, SALTS, LENGTH = 0.3, 120, 28


def arms(values: list[float], kept: list[bool]) -> tuple[Floats, Floats, Flags, Floats]:
    return np.array(values), np.ones(len(values)), np.array(kept), np.full(len(values), 0.5)


def test_ratio_of_the_arms() -> None:
    found = readout(*arms([1.2, 1.4, 1.0, 1.0], [False, False, True, True]))
    assert found is not None
    assert found.lift == pytest.approx(0.3)
    assert found.error == pytest.approx(0.1)
    assert (found.treated, found.kept) == (2, 2)


@pytest.mark.parametrize("kept", [[True, False, False], [True, True, True], [False, False, True]])
def test_too_few_clusters_say_nothing(kept: list[bool]) -> None:
    assert readout(*arms([1.0, 2.0, 3.0], kept)) is None


def test_no_profit_to_compare_with_says_nothing() -> None:
    profit, expected, kept, chance = arms([1.2, 1.4, -1.0, -1.0], [False, False, True, True])
    assert readout(profit, expected, kept, chance) is None
    assert readout(profit, -expected, kept, chance) is None


@given(
    st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(0.1, 10.0)), min_size=6, max_size=20),
    st.floats(0.01, 100.0),
    st.floats(0.1, 0.9),
)
def test_neither_the_unit_of_money_nor_one_chance_for_all_matters(rows: list[tuple[float, float]], unit: float, chance: float) -> None:
    ratio, expected = (np.array(values) for values in zip(*rows, strict=True))
    kept = np.arange(len(rows)) % 2 == 0
    one = readout(ratio * expected, expected, kept, np.full(len(rows), 0.5))
    other = readout(unit * ratio * expected, unit * expected, kept, np.full(len(rows), chance))
    assert one is not None and other is not None
    assert [other.lift, other.error, other.low, other.high] == pytest.approx([one.lift, one.error, one.low, one.high], rel=1e-6, abs=1e-9)
    assert one.low <= one.lift <= one.high


def test_sums_by_cluster() -> None:
    assert summed(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 0]), 3).tolist() == [5.0, 0.0, 2.0]


@pytest.fixture(scope="module")
def families() -> SimulatedShop:
    """Every product has siblings; customers move between them."""
    return simulate("families", np.random.default_rng(5), 240, 60)


def drawn(shop: SimulatedShop, by: str) -> tuple[float, list[Readout]]:
    """The true lift of the best prices, and its readout under many draws."""
    truth = shop.truth
    new = optimum(truth, np.random.default_rng(0))
    before = truth.units(truth.current) * truth.margin(truth.current) * LENGTH
    names = cluster_of(shop.tables["products"], by).to_numpy()
    clusters, code = np.unique(names, return_inverse=True)
    rng, found = np.random.default_rng(1), []
    for salt in range(SALTS):
        kept = np.array([draw(str(salt), name) < SHARE for name in clusters])
        prices = np.where(kept[code], truth.current, new)
        sold = counts(truth.units(prices) * LENGTH * np.exp(rng.normal(0.0, 0.1, len(code))), 0.01, rng)
        sides = [summed(values, code, clusters.size) for values in (sold * truth.margin(prices), before)]
        one = readout(sides[0], sides[1], kept, np.full(clusters.size, 1.0 - SHARE))
        assert one is not None
        found.append(one)
    return float(truth.profit(new).sum() / truth.profit(truth.current).sum() - 1.0), found


def test_clusters_are_read_without_bias(families: SimulatedShop) -> None:
    true, found = drawn(families, "family")
    lift = np.array([one.lift for one in found])
    assert abs(lift.mean() - true) < 4.0 * lift.std(ddof=1) / np.sqrt(SALTS)
    assert all(abs(one.lift - true) < 4.0 * one.error for one in found)
    inside = np.mean([one.low <= true <= one.high for one in found])
    assert 0.80 <= inside <= 0.98
    assert np.mean([one.error for one in found]) == pytest.approx(lift.std(ddof=1), rel=0.25)


def test_single_products_are_read_wrong(families: SimulatedShop) -> None:
    """A sale that moves from one product to its sibling is a gain of the one and a loss of the other."""
    true, found = drawn(families, "product")
    lift = np.array([one.lift for one in found])
    assert abs(lift.mean() - true) > 10.0 * lift.std(ddof=1) / np.sqrt(SALTS)
