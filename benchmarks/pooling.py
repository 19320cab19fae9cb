"""Pooled elasticities with posterior intervals, the same hierarchical model as a sampler: nutpie on PyMC (CPU without its compilation)."""

from __future__ import annotations

import sys
import time

import numpy as np

from benchmarks.support.measure import goal, installed, report, timed
from benchmarks.support.panel import Panel, root_mean_square, weekly_panel
from pricesmith.demand.estimators.least_squares import partial_out
from pricesmith.demand.estimators.moments import block_moments
from pricesmith.demand.estimators.random_slopes import random_slopes

CASE = "pooling"
PRIOR_MEAN, PRIOR_DEVIATION = -2.0, 1.0


def main(products: int = 500) -> None:
    """Prices follow what the data shows and nothing hidden, and the model is right: so an interval can be judged by the truth."""
    panel = weekly_panel(products, hidden=0.0, one_season=True)
    own, own_rmse = _ours(panel)
    _ours(weekly_panel(20_000, hidden=0.0, one_season=True))
    if installed(CASE, "pymc", "nutpie"):
        each, rmse = _nutpie(panel)
        goal(CASE, ">= 300x nutpie per product", f"{each / own:,.0f}x", each / own >= 300)
        goal(CASE, "RMSE within 1 % of nutpie's", f"{own_rmse:.4f} against {rmse:.4f}", own_rmse <= 1.01 * rmse)


def _ours(panel: Panel) -> tuple[float, float]:
    """From the rows to posteriors. Returns CPU seconds per product, and RMSE."""
    columns = panel.regressors
    block = np.concatenate([columns, panel.outcome[..., None]], axis=2)
    fit, timing = timed(lambda: random_slopes(partial_out(block_moments(block), 1)), 9)
    low, high = fit.slopes.interval(0.9)
    figures = _judged(fit.slopes.estimate, low, high, panel)
    each = report(CASE, "pricesmith random_slopes", len(panel.elasticity), timing, **figures)
    return each, figures["rmse"]


def _nutpie(panel: Panel) -> tuple[float, float]:
    """300 warm-up and 300 kept draws of one chain. Returns CPU seconds per product, and RMSE."""
    import nutpie

    products = len(panel.elasticity)
    begun = time.perf_counter()
    model = nutpie.compile_pymc_model(_model(panel))
    compiled = time.perf_counter() - begun
    trace, timing = timed(lambda: nutpie.sample(model, draws=300, tune=300, chains=1, seed=1, progress_bar=False), 1)
    draws = np.asarray(trace.posterior["slope"].values).reshape(-1, products)
    figures = _judged(draws.mean(axis=0), *np.quantile(draws, [0.05, 0.95], axis=0), panel)
    return report(CASE, "nutpie 300 + 300 draws", products, timing, compile_s=compiled, **figures), figures["rmse"]


def _model(panel: Panel) -> object:
    """The model of `random_slopes` in PyMC, on values freed of each product's mean."""
    import pymc

    products, weeks = panel.price.shape
    columns = np.concatenate([panel.regressors[..., 1:], panel.outcome[..., None]], axis=2)
    columns = (columns - columns.mean(axis=1, keepdims=True)).reshape(products * weeks, -1)
    member = np.repeat(np.arange(products), weeks)
    with pymc.Model() as model:
        mean, spread = pymc.Normal("mean", PRIOR_MEAN, PRIOR_DEVIATION), pymc.HalfNormal("spread", 1.0)
        noise, controls = pymc.HalfNormal("noise", 1.0), pymc.Normal("controls", 0.0, 1.0, shape=5)
        slope = pymc.Deterministic("slope", mean + spread * pymc.Normal("unit", 0.0, 1.0, shape=products))
        level = slope[member] * columns[:, 5] + pymc.math.dot(columns[:, :5], controls)
        pymc.Normal("outcome", level, noise, observed=columns[:, 6])
    return model


def _judged(estimate: np.ndarray, low: np.ndarray, high: np.ndarray, panel: Panel) -> dict[str, float]:
    covered = float(np.mean((low <= panel.elasticity) & (panel.elasticity <= high)))
    return {"rmse": root_mean_square(estimate, panel.elasticity), "coverage_90": covered}


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
