"""How demand moved by itself, from products whose price stayed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.monitoring.drift import BETWEEN, UNKNOWN, Seen, between, drift


def seen(count: int = 60, groups: int = 3, kept: float = 0.5, seed: int = 0, moved: float = 0.0) -> Seen:
    """Counts around what was expected times exp(moved)."""
    rng = np.random.default_rng(seed)
    expected = rng.uniform(20.0, 200.0, count)
    flags = rng.random(count) < kept
    zero = np.zeros(count)
    return Seen(
        expected=expected,
        sold=rng.poisson(expected * np.exp(moved)).astype(float),
        kept=flags,
        category=np.arange(count) % groups,
        noise=zero,
        own=zero + 0.01,
        response=zero,
    )


def test_nothing_is_known_where_no_price_stayed() -> None:
    found = drift(seen(groups=1, kept=0.0))
    assert found.kept == 0
    np.testing.assert_array_equal(found.mean, 0.0)
    np.testing.assert_allclose(found.variance, UNKNOWN**2 + BETWEEN**2)


def test_a_common_drift_is_found() -> None:
    found = drift(seen(count=600, moved=0.3))
    np.testing.assert_allclose(found.mean, 0.3, atol=0.03)
    assert np.sqrt(found.variance).max() < 0.05


def test_categories_that_differ_are_told_apart() -> None:
    given_ = seen(count=600, groups=3)
    apart = dataclasses.replace(given_, sold=np.round(given_.expected * np.exp(np.array([-0.4, 0.0, 0.4])[given_.category])))
    assert drift(apart).mean[:3] == pytest.approx([-0.4, 0.0, 0.4], abs=0.05)


def test_a_category_without_a_kept_price_follows_the_shop() -> None:
    given_ = seen(count=300, groups=3, moved=0.3)
    found = drift(dataclasses.replace(given_, kept=given_.kept & (given_.category != 2)))
    assert found.mean[2] == pytest.approx(found.mean[:2].mean(), abs=0.03)
    assert found.variance[2] > found.variance[0]


def test_moved_products_say_nothing_of_drift_but_of_spread() -> None:
    given_ = seen(count=400)
    on = ~given_.kept
    more = dataclasses.replace(given_, sold=np.where(on, 3.0 * given_.sold, given_.sold))
    np.testing.assert_allclose(drift(more).mean, drift(given_).mean, atol=0.02)
    wild = dataclasses.replace(given_, sold=np.where(on, given_.sold * np.exp(np.sin(np.arange(400) * 7.0)), given_.sold))
    assert drift(wild).scale > 5.0 > drift(given_).scale


@given(st.integers(0, 50), st.integers(1, 40), st.integers(1, 5), st.floats(0.0, 1.0))
def test_order_does_not_matter_and_variances_are_no_less_than_nothing(seed: int, count: int, groups: int, kept: float) -> None:
    given_ = seen(count, groups, kept, seed)
    order = np.random.default_rng(seed).permutation(count)
    turned = Seen(*(getattr(given_, field.name)[order] for field in dataclasses.fields(Seen)))
    one, other = drift(given_), drift(turned)
    np.testing.assert_allclose(one.mean[order], other.mean, atol=1e-9)
    np.testing.assert_allclose(one.variance[order], other.variance, atol=1e-9)
    assert (one.variance > 0).all()
    assert one.scale > 0
    assert (one.variance <= UNKNOWN**2 + one.within.max() + 1e-9).all()
    assert one.variance_of(np.ones(count)) <= one.variance.sum() * count + 1e-9


def test_nothing_sold_at_all_is_a_drift_too() -> None:
    given_ = seen()
    found = drift(dataclasses.replace(given_, sold=np.zeros_like(given_.sold)))
    assert np.isfinite(found.mean).all()
    assert (found.mean < -1.0).all()


def test_the_spread_of_categories_is_a_guess_until_measured() -> None:
    rng = np.random.default_rng(0)
    unknown = np.zeros(3), np.full(3, np.inf)
    sharp, wide = rng.normal(0.0, 0.3, 200), rng.normal(0.0, 0.3, 200)
    assert between(unknown) == between(unknown, unknown) == pytest.approx(BETWEEN**2)
    assert between((sharp, np.full(200, 1e-4)), unknown) == pytest.approx(0.09, rel=0.2)
    assert between((wide, np.full(200, 0.09))) < between((sharp, np.full(200, 1e-4)))


def test_categories_of_moved_products_tell_the_spread_too() -> None:
    given_ = seen(count=400, groups=20, kept=0.05)
    far = np.where(given_.kept, 0.0, np.sin(np.arange(20.0) * 3.0)[given_.category])
    wild = dataclasses.replace(given_, sold=np.round(given_.expected * np.exp(far)))
    assert drift(wild).within.mean() > 5.0 * drift(given_).within.mean()
