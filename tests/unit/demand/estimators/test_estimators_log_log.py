"""Log-log forms against an independent regression, on made data and on the orange-juice rows at hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.estimators.log_log import Form, LogLogFit, fit_log_log, semi_log_elasticity
from tests.shared_data import dataset

BRANDS = {10: "dominicks", 5: "minute.maid", 1: "tropicana"}


def reference(units: np.ndarray, price: np.ndarray, brand: np.ndarray, feature: np.ndarray) -> dict[tuple[int, int], float]:
    """Elasticity of every brand, featured or not, by a regression of its own: the full model is one line per cell."""
    slopes = {}
    for level in np.unique(brand):
        for shown in (0, 1):
            rows = (brand == level) & (feature == shown)
            slopes[int(level), shown] = float(np.polyfit(np.log(price[rows]), np.log(units[rows]), 1)[0])
    return slopes


def check_full_model(fit: LogLogFit, expected: dict[tuple[int, int], float]) -> None:
    for (brand, shown), slope in expected.items():
        assert fit.elasticity(brand, featured=bool(shown)) == pytest.approx(slope, abs=1e-8)


def made(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    brand, feature = random.integers(0, 3, 4000), (random.random(4000) < 0.3).astype(np.float64)
    price = np.exp(random.normal(0.7, 0.25, 4000) - 0.2 * feature)
    slope = np.array([-3.0, -2.5, -2.0])[brand] - 0.6 * feature
    return np.exp(9.0 + 0.3 * brand + slope * np.log(price) + 0.4 * feature + 0.6 * random.standard_normal(4000)), price, brand, feature


def test_full_model_is_a_line_for_every_brand_and_feature() -> None:
    sample = made(np.random.default_rng(0))
    fit = fit_log_log(*sample, Form.FEATURE_SLOPES)
    check_full_model(fit, reference(*sample))
    assert len(fit.names) == 12
    assert fit.elasticity(1) == pytest.approx(-2.5, abs=0.15)


def test_forms_nest() -> None:
    sample = made(np.random.default_rng(1))
    fits = [fit_log_log(*sample, form) for form in Form]
    assert [len(fit.names) for fit in fits] == [2, 4, 6, 12]
    assert sorted(fit.r_squared for fit in fits) == [fit.r_squared for fit in fits]
    assert fits[0].elasticity(1) == fits[0].elasticity(2, featured=True) == fits[0].value("log_price")
    assert fits[0].value("log_price") == pytest.approx(np.polyfit(np.log(sample[1]), np.log(sample[0]), 1)[0], abs=1e-10)


def test_smearing_brings_the_mean_back() -> None:
    units, price, brand, feature = made(np.random.default_rng(2))
    fit = fit_log_log(units, price, brand, feature, Form.FEATURE_SLOPES)
    assert fit.smearing == pytest.approx(np.exp(0.5 * 0.6**2), rel=0.05)


def test_semi_log() -> None:
    assert semi_log_elasticity(np.array([0.5, 0.2]), np.array([4.0, 10.0])) == pytest.approx([-2.0, -2.0])


@pytest.mark.real
def test_orange_juice_rows_at_hand() -> None:
    """Brands dominicks, minute.maid and tropicana of 71 stores, weeks 40 to 140: the four forms against numpy, and dear signs."""
    rows = pl.read_parquet(dataset("oj") / "oj_store_week.parquet").filter(pl.col("brand").is_in(list(BRANDS)))
    brand = np.array([list(BRANDS).index(number) for number in rows["brand"].to_list()])
    feature = (rows["feature"].to_numpy() > 0.5).astype(np.float64)
    sample = (rows["ounces"].to_numpy(), rows["price_per_package"].to_numpy(), brand, feature)
    fits = {form: fit_log_log(*sample, form) for form in Form}
    check_full_model(fits[Form.FEATURE_SLOPES], reference(*sample))
    apart = [np.polyfit(np.log(sample[1][brand == b]), np.log(sample[0][brand == b]), 1)[0] for b in range(3)]
    assert [fits[Form.BRAND_SLOPES].elasticity(b) for b in range(3)] == pytest.approx(apart, abs=1e-8)
    assert fits[Form.PRICE].value("log_price") == pytest.approx(-1.6, abs=0.2)
    assert fits[Form.BRAND].value("log_price") == pytest.approx(-3.1, abs=0.2)
