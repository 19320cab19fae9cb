"""Instrumented elasticities by category with flexible controls, beside econml's OrthoIV on LightGBM: linear and curved confounding."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.support.measure import goal, installed, report, timed
from benchmarks.support.panel import CATEGORIES, Panel, root_mean_square, weekly_panel
from pricesmith.demand.estimators.cross_fitting import cross_fitted_residuals
from pricesmith.demand.estimators.instrument import two_stage_groups
from pricesmith.demand.estimators.least_squares import partial_out
from pricesmith.demand.estimators.moments import block_moments
from pricesmith.demand.estimators.pooling import pool

CASE = "instruments"


def main(products: int = 10_000) -> None:
    peer = installed(CASE, "econml", "lightgbm")
    for task, bent in (("linear confounding", False), ("curved confounding", True)):
        panel = weekly_panel(products, bent=bent)
        own, by_category, by_product = _flexible(panel, task)
        _straight(panel, task)
        if peer:
            each, rmse = _ortho_iv(panel, task)
            goal(CASE, f">= 10x econml OrthoIV, {task}", f"{each / own:.1f}x", each / own >= 10)
            goal(CASE, f"RMSE no worse than OrthoIV, {task}", f"{by_product:.4f} against {rmse:.4f}", by_product <= rmse)
            goal(
                CASE, f"one slope a category: RMSE within 1 %, {task}", f"{by_category:.4f} against {rmse:.4f}", by_category <= 1.01 * rmse
            )


def _within(values: np.ndarray) -> np.ndarray:
    return np.asarray(values - values.mean(axis=1, keepdims=True))


def _columns(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Targets (3, N): cost, price, outcome; controls (4, N): week of year, promotion, competitor, traffic; product means taken off."""
    products, weeks = panel.price.shape
    targets = np.stack([_within(values).ravel() for values in (panel.cost, panel.price, panel.outcome)])
    week = np.broadcast_to(np.arange(weeks, dtype=np.float64) % 52, (products, weeks))
    rest = [panel.promo, _within(panel.rival), _within(panel.traffic)]
    return targets, np.stack([values.ravel() for values in (week, *rest)])


def _flexible(panel: Panel, task: str) -> tuple[float, float, float]:
    """Cross-fitted splines within categories, two-stage least squares by category, products drawn to their category.

    Returns CPU seconds per product for all of it, RMSE of the categories' slopes, RMSE of the products' slopes.
    """
    targets, controls = _columns(panel)
    products, weeks = panel.price.shape
    fold = np.random.default_rng(0).integers(0, 2, products * weeks)
    group = np.repeat(panel.category, weeks)

    def work() -> tuple[np.ndarray, np.ndarray]:
        residual = cross_fitted_residuals(targets, controls, fold, group=group)
        moments = block_moments(residual.T.reshape(products, weeks, 3))
        found = two_stage_groups(moments, panel.category, CATEGORIES)
        cells = moments.gram
        slope = cells[:, 0, 2] / cells[:, 0, 1]
        return found.fit.coefficient, _pooled(cells, slope, found.fit.coefficient[panel.category], weeks)

    (by_category, by_product), timing = timed(work, 3)
    rmse = root_mean_square(by_category[panel.category], panel.elasticity)
    figures = {"rmse": rmse, "rmse_by_product": root_mean_square(by_product, panel.elasticity), "mean": float(by_category.mean())}
    each = report(CASE, "pricesmith cross-fitted splines", products, timing, task=task, **figures)
    return each, rmse, figures["rmse_by_product"]


def _pooled(cells: np.ndarray, slope: np.ndarray, centre: np.ndarray, weeks: int) -> np.ndarray:
    """Each product's own instrumented slope drawn to its category's: what the same residuals say of single products."""
    wrong = cells[:, 2, 2] - 2 * centre * cells[:, 1, 2] + centre**2 * cells[:, 1, 1]
    variance = wrong / (weeks - 2) * cells[:, 0, 0] / cells[:, 0, 1] ** 2
    return np.asarray(centre + pool(slope - centre, variance).estimate)


def _straight(panel: Panel, task: str) -> None:
    """Linear controls only: as fast as it gets, and wrong where confounding bends."""
    columns = panel.regressors[..., :-1]
    block = np.concatenate([columns, np.stack([panel.cost, panel.price, panel.outcome], axis=2)], axis=2)
    work = lambda: two_stage_groups(partial_out(block_moments(block), 6), panel.category, CATEGORIES).fit.coefficient  # noqa: E731
    found, timing = timed(work, 5)
    rmse = root_mean_square(found[panel.category], panel.elasticity)
    report(CASE, "pricesmith linear controls per product", len(panel.elasticity), timing, task=task, rmse=rmse, mean=float(found.mean()))


def _ortho_iv(panel: Panel, task: str) -> tuple[float, float]:
    """One effect a category, 100 trees of 31 leaves, two folds, one thread. Returns CPU seconds per product, and RMSE."""
    from econml.iv.dml import OrthoIV
    from lightgbm import LGBMRegressor

    products, weeks = panel.price.shape
    (cost, price, outcome), controls = _columns(panel)
    category = np.repeat(panel.category, weeks)
    features, dummies = np.column_stack([category, *controls]), np.eye(CATEGORIES)[:, 1:]

    def trees() -> LGBMRegressor:
        return LGBMRegressor(n_estimators=100, num_leaves=31, learning_rate=0.1, n_jobs=1, verbose=-1)

    def work() -> np.ndarray:
        model = OrthoIV(model_y_xw=trees(), model_t_xw=trees(), model_z_xw=trees(), cv=2, random_state=0)
        model.fit(outcome, price, Z=cost, X=dummies[category], W=features)
        return np.asarray(model.const_marginal_effect(dummies)).ravel()

    found, timing = timed(work, 1)
    rmse = root_mean_square(found[panel.category], panel.elasticity)
    return report(CASE, "econml OrthoIV, LightGBM", products, timing, task=task, rmse=rmse, mean=float(found.mean())), rmse


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
