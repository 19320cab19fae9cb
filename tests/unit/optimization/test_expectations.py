"""What a plan should bring, beside plain draws of everything that is not known."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Curves, Ladder
from pricesmith.optimization.expectations import Expectations, expect, joined

DRAWS = 64
BEFORE, AFTER = np.array([1000, 1000, 1000, 900]), np.array([1150, 900, 1000, 1000])
LANDED = np.array([600.0, 500.0, 700.0, 500.0])
BASE = np.array([3.0, 2.0, 4.0, 1.0])
CROSS = np.array([0.6, 0.9, 0.4, 0.0])
UNSURE = np.array([0.3, 0.2, 0.25, 0.0])
ELASTICITY = -2.2
ITEMS = pl.DataFrame({"landed_cost": LANDED}).with_columns(tax_rate=0.0, fee_rate=0.0, payment_rate=0.0, return_rate=0.0)
COLUMN = np.array([1, 0, 0, 1])


def curves(own: float, level: float, unsure: np.ndarray) -> Curves:
    """Three products of a family, of which one stays, and one alone; own elasticities and levels with these standard deviations."""
    score = np.linspace(-2.2, 2.2, DRAWS)
    score /= score.std()
    draws = np.tile(ELASTICITY + own * score, (4, 1))
    ratio = np.log(np.sort(np.stack([BEFORE, AFTER], axis=1), axis=1) / BEFORE[:, None])
    none = np.zeros(4)
    return Curves(
        units=BASE[:, None] * np.exp(ratio[:, :, None] * draws[:, None, :]).mean(axis=2),
        draws=draws,
        level=np.tile(level * np.random.default_rng(3).permutation(score), (4, 1)),
        form=none.astype(np.int64),
        saturation=none,
        base=BASE,
        cross=CROSS,
        cross_deviation=unsure,
        family=np.array([0, 0, 0, -1]),
        evidence=none.astype(np.int64),
        dispersion=0.1,
    )


def found(own: float, level: float, unsure: np.ndarray) -> Expectations:
    pair = np.sort(np.stack([BEFORE, AFTER], axis=1), axis=1)
    ladder = Ladder(pair, np.ones((4, 2), dtype=bool), (pair < BEFORE[:, None]).sum(axis=1))
    return expect(ITEMS, curves(own, level, unsure), ladder, COLUMN)


def profit(price: np.ndarray, cross: np.ndarray) -> np.ndarray:
    """(D, 4) profit a day at these prices for each draw (D, 4) of the effects between prices."""
    ratio = np.log(price / BEFORE)
    others = np.append((ratio[:3].sum() - ratio[:3]) / 2, 0.0)
    return (price - LANDED) * BASE * np.exp(ELASTICITY * ratio + cross * others)


def drawn() -> np.ndarray:
    """(D, 4) effects between prices: those within a family are off together."""
    return CROSS + UNSURE * np.random.default_rng(0).normal(size=(200_000, 1))


def test_the_means_are_those_of_the_curves() -> None:
    told = found(0.0, 0.0, 0.0 * UNSURE)
    at_plan, today = profit(AFTER, CROSS), profit(BEFORE, CROSS)
    np.testing.assert_allclose(told.profit, at_plan, rtol=1e-9)
    assert told.gain == pytest.approx((at_plan - today).sum())
    for number in (0, 1, 3):
        stays = np.where(np.arange(4) == number, BEFORE, AFTER)
        assert told.change[number] == pytest.approx((at_plan - profit(stays, CROSS)).sum(), rel=1e-9)
    assert told.change[2] == told.change_lo[2] == told.change_hi[2] == 0.0


def test_what_is_not_known_of_effects_between_prices_widens_what_a_price_brings() -> None:
    told, cross = found(0.0, 0.0, UNSURE), drawn()
    for number in (0, 1):
        stays = np.where(np.arange(4) == number, BEFORE, AFTER)
        low, high = np.quantile((profit(AFTER, cross) - profit(stays, cross)).sum(axis=1), (0.05, 0.95))
        assert told.change_hi[number] - told.change_lo[number] == pytest.approx(high - low, rel=0.03)
    assert told.change_lo[3] == told.change[3] == told.change_hi[3], "a product alone has no such effects"


def test_what_is_not_known_of_effects_between_prices_widens_what_the_plan_brings() -> None:
    told = found(0.0, 0.0, UNSURE)
    assert told.total.var() == pytest.approx(profit(AFTER, drawn()).sum(axis=1).var(), rel=0.1), "one family: nothing averages out"


def test_half_of_it_is_common_to_all_families() -> None:
    one = found(0.0, 0.0, UNSURE)
    halves = [np.array([0, 1, 2]), np.array([3, 4, 5])]
    names = ("units", "revenue", "profit", "change", "change_lo", "change_hi")
    part = dataclasses.replace(one, **{name: getattr(one, name)[:3] for name in names})
    both = joined([part, part], halves)
    assert both.total.var() == pytest.approx(0.5 * (2.0 + 4.0) * one.total.var(), rel=1e-6)


def test_what_is_not_known_of_elasticities_comes_on_top() -> None:
    own, both = found(0.4, 0.1, 0.0 * UNSURE), found(0.4, 0.1, UNSURE)
    linked = found(0.0, 0.0, UNSURE)
    assert both.total.var() == pytest.approx(own.total.var() + linked.total.var(), rel=0.02)
    np.testing.assert_array_equal(both.change, own.change)
    width = [told.change_hi - told.change for told in (own, linked, both)]
    np.testing.assert_allclose(width[2], np.hypot(width[0], width[1]), rtol=0.05)


def test_parts_of_a_shop_add_up() -> None:
    whole = found(0.4, 0.1, UNSURE)
    parts = [dataclasses.replace(whole, gain=whole.gain / 2, alone=whole.alone / 2, linked_common=whole.linked_common / 2,
                                 linked_alone=whole.linked_alone / 2, common=whole.common / 2)] * 2  # fmt: skip
    names = ("units", "revenue", "profit", "change", "change_lo", "change_hi")
    halves = [dataclasses.replace(part, **{name: getattr(whole, name)[rows] for name in names})
              for part, rows in zip(parts, ([0, 2], [1, 3]), strict=True)]  # fmt: skip
    again = joined(halves, [np.array([0, 2]), np.array([1, 3])])
    np.testing.assert_allclose(again.total, whole.total)
    np.testing.assert_array_equal(again.change_lo, whole.change_lo)
