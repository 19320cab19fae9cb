"""Every product its own price slope, drawn from one distribution; controls and noise common to all (a mixed model in closed steps).

y_it = a_i + c_it g + p_it theta_i + noise,  theta_i ~ N(mu, tau^2). Henderson's equations by turns: controls given slopes, slopes given
controls, spread by REML; at the end the slopes' posterior is averaged over what is left open about tau.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats

from .moments import Moments
from .pooling import pool, restricted_likelihood_step
from .spread_average import Averaged, pool_over_spread


@dataclass(frozen=True, slots=True)
class RandomSlopes:
    """A fit of S products.

    slopes    posterior of the price slopes
    controls  (q,) coefficients of the common controls
    noise     variance of the errors
    """

    slopes: Averaged
    controls: Floats
    noise: float


def random_slopes(residual: Moments, *, tolerance: float = 1e-7, steps: int = 200) -> RandomSlopes:
    """Fit slopes, controls, noise and spread.

    residual  (S, q + 2, q + 2) of q controls, price, outcome, with each product's constant partialled out; every price moves
    """
    gram = residual.gram
    within = gram[:, -2, -2]
    total = gram.sum(axis=0)
    freedom = float(residual.rows.sum()) - len(within) - (gram.shape[1] - 2)
    slope, between = np.full(len(within), total[-2, -1] / total[-2, -2]), 0.25
    controls = np.zeros(gram.shape[1] - 2)
    for _ in range(steps):
        fresh = np.linalg.solve(total[:-2, :-2], total[:-2, -1] - slope @ gram[:, :-2, -2])
        raw = (gram[:, -2, -1] - gram[:, -2, :-2] @ fresh) / within
        power = total[-1, -1] - 2.0 * fresh @ total[:-2, -1] + fresh @ total[:-2, :-2] @ fresh
        noise = (power - float(raw**2 @ within)) / freedom
        between = restricted_likelihood_step(raw, noise / within, between)
        moved = float(np.abs(fresh - controls).max(initial=0.0))
        slope, controls = pool(raw, noise / within, between=between).estimate, fresh
        if moved < tolerance:
            break
    return RandomSlopes(pool_over_spread(raw, noise / within), controls, noise)
