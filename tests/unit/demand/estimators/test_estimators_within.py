"""Fixed effects by alternating projections against the regression with every dummy."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.estimators.fixed_effects import within, within_least_squares


def beer(random: np.random.Generator, rows: int = 3000) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Log sales and log price of products in stores over weeks; dear products sell more, so the pooled slope misleads."""
    product, store, week = random.integers(0, 40, rows), random.integers(0, 15, rows), random.integers(0, 30, rows)
    quality = random.standard_normal(40)
    price = 0.5 * quality[product] + 0.1 * random.standard_normal(15)[store] + 0.1 * random.standard_normal(30)[week]
    price = price + 0.15 * random.standard_normal(rows)
    sales = -3.5 * price + 3.0 * quality[product] + random.standard_normal(15)[store] + random.standard_normal(30)[week]
    return sales + 0.5 * random.standard_normal(rows), price, [product, store, week]


def test_equals_the_dummy_regression() -> None:
    sales, price, factors = beer(np.random.default_rng(0))
    fit = within_least_squares(sales, price[:, None], factors, cluster=factors[0])
    dummies = np.hstack([np.eye(level.max() + 1)[level] for level in factors])
    design = np.column_stack([price, dummies])
    coefficient = np.linalg.lstsq(design, sales, rcond=None)[0]
    residual = sales - design @ coefficient
    partial = price - dummies @ np.linalg.lstsq(dummies, price, rcond=None)[0]
    score = partial * residual
    grouped = np.bincount(factors[0], score)
    assert fit.coefficient[0] == pytest.approx(coefficient[0], abs=1e-8)
    assert fit.residual == pytest.approx(residual, abs=1e-7)
    assert fit.robust[0] == pytest.approx(np.sqrt(score @ score) / (partial @ partial), rel=1e-7)
    assert fit.clustered[0] == pytest.approx(np.sqrt(grouped @ grouped * 40 / 39) / (partial @ partial), rel=1e-7)


def test_without_product_effects_price_looks_inelastic() -> None:
    sales, price, factors = beer(np.random.default_rng(1))
    pooled = within_least_squares(sales, price[:, None], [np.zeros(len(sales), dtype=np.int64)])
    full = within_least_squares(sales, price[:, None], factors)
    assert full.coefficient[0] == pytest.approx(-3.5, abs=4 * full.robust[0])
    assert pooled.coefficient[0] > -0.5
    assert np.isnan(pooled.clustered).all()


def test_one_factor_is_the_group_mean() -> None:
    random = np.random.default_rng(2)
    values, level = random.standard_normal((50, 2)), np.arange(50) % 7
    left = within(values, [level])
    assert np.abs(np.stack([np.bincount(level, column) for column in left.T])).max() < 1e-12


def test_reports_that_it_did_not_settle() -> None:
    sales, _, factors = beer(np.random.default_rng(3), 500)
    with pytest.raises(ArithmeticError, match="did not settle in 1 sweeps"):
        within(sales[:, None], factors, sweeps=1)
