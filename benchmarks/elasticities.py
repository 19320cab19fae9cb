"""Own-price elasticity of every product: 20k products x 104 weeks, five controls and a constant; least squares and instrumented."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.support.measure import goal, installed, report, timed
from benchmarks.support.panel import Panel, root_mean_square, weekly_panel
from pricesmith.demand.estimators.instrument import two_stage
from pricesmith.demand.estimators.least_squares import least_squares
from pricesmith.demand.estimators.moments import block_moments

CASE = "elasticities"
PLAIN, INSTRUMENTED = "least squares", "instrumented"
Fit = Callable[[np.ndarray, np.ndarray], float]


def main(products: int = 20_000) -> None:
    panel = weekly_panel(products)
    regressors, outcome = panel.regressors, panel.outcome
    own = _ours(panel, regressors)
    _batched(panel, regressors)
    slow = {"numpy lstsq loop": (lambda x, y: float(np.linalg.lstsq(x, y, rcond=None)[0][-1]), products)}
    if installed(CASE, "statsmodels"):
        import statsmodels.api as sm

        slow["statsmodels OLS loop"] = (lambda x, y: float(sm.OLS(y, x).fit().params[-1]), 3000)
    if installed(CASE, "sklearn"):
        from sklearn.linear_model import LinearRegression

        slow["scikit-learn LinearRegression loop"] = (lambda x, y: float(LinearRegression(fit_intercept=False).fit(x, y).coef_[-1]), 1000)
    each = {name: _loop(name, fit, panel, regressors, outcome, min(count, products)) for name, (fit, count) in slow.items()}
    _linearmodels(panel, regressors, min(300, products))
    for name, times in (("statsmodels OLS loop", 50), ("numpy lstsq loop", 9)):
        if name in each:
            ratio = each[name] / own
            goal(CASE, f">= {times}x {name}, same RMSE", f"{ratio:.1f}x", ratio >= times)


def _ours(panel: Panel, regressors: np.ndarray) -> float:
    """Least squares with standard errors of all coefficients; then instrumented, with its tests. Returns CPU seconds per product."""
    products = len(panel.elasticity)
    block = np.concatenate([regressors, panel.outcome[..., None]], axis=2)
    fits, timing = timed(lambda: least_squares(block_moments(block)), 9)
    rmse, first = root_mean_square(fits.coefficient[:, -1], panel.elasticity), _first(fits.coefficient[:, -1], panel)
    each = report(CASE, "pricesmith least_squares", products, timing, task=PLAIN, rmse=rmse, **first)
    wide = np.concatenate([regressors[..., :-1], panel.cost[..., None], block[..., -2:]], axis=2)
    found, timing = timed(lambda: two_stage(block_moments(wide), 6, 1), 9)
    rmse, first = root_mean_square(found.coefficient, panel.elasticity), _first(found.coefficient, panel)
    report(CASE, "pricesmith two_stage", products, timing, task=INSTRUMENTED, rmse=rmse, **first)
    return each


def _first(estimate: np.ndarray, panel: Panel) -> dict[str, float]:
    """RMSE over the first products, which the slow peers are run on."""
    return {f"rmse_first_{n}": root_mean_square(estimate[:n], panel.elasticity[:n]) for n in (300, 1000, 3000) if n <= len(estimate)}


def _batched(panel: Panel, regressors: np.ndarray) -> None:
    """The plain batched normal equations, as a competent NumPy user writes them."""

    def work() -> np.ndarray:
        turned = regressors.transpose(0, 2, 1)
        return np.linalg.solve(turned @ regressors, turned @ panel.outcome[..., None])[:, -1, 0]

    estimate, timing = timed(work, 7)
    report(CASE, "numpy batched normal equations", len(estimate), timing, task=PLAIN, rmse=root_mean_square(estimate, panel.elasticity))


def _loop(name: str, fit: Fit, panel: Panel, regressors: np.ndarray, outcome: np.ndarray, count: int) -> float:
    """A peer called once a product. Returns CPU seconds per product."""
    estimate, timing = timed(lambda: np.array([fit(regressors[i], outcome[i]) for i in range(count)]), 3)
    return report(CASE, name, count, timing, task=PLAIN, rmse=root_mean_square(estimate, panel.elasticity[:count]))


def _linearmodels(panel: Panel, regressors: np.ndarray, count: int) -> None:
    if not installed(CASE, "linearmodels"):
        return
    from linearmodels.iv import IV2SLS

    def fit(i: int) -> float:
        model = IV2SLS(panel.outcome[i], regressors[i, :, :-1], regressors[i, :, -1:], panel.cost[i][:, None])
        return float(model.fit().params.iloc[-1])

    estimate, timing = timed(lambda: np.array([fit(i) for i in range(count)]), 3)
    report(CASE, "linearmodels IV2SLS loop", count, timing, task=INSTRUMENTED, rmse=root_mean_square(estimate, panel.elasticity[:count]))


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
