"""Days that sold out before evening: what was sold is only the least that customers wanted."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from pricesmith.contracts.curves import Floats


def wanted(sold: Floats, mean: Floats, dispersion: float) -> Floats:
    """(N,) expected demand of a day given that it was at least `sold` (N,), for negative binomial counts.

    mean  (N,) of a whole day;  dispersion  variance = mean + dispersion * mean**2

    E[N | N >= s] = mean * P(N' >= s - 1) / P(N >= s)  with  n f(n; r) = mean f(n - 1; r + 1)  and  N' of size r + 1: the E-step of the
    censored likelihood (Dempster, Laird and Rubin 1977).
    """
    size = 1.0 / max(dispersion, 1e-6)
    chance = mean / (mean + size)
    beyond = betainc(np.maximum(sold, 1e-9), size, chance)
    shifted = np.where(sold > 1.0, betainc(np.maximum(sold - 1.0, 1e-9), size + 1.0, chance), 1.0)
    expected = mean * np.divide(shifted, beyond, out=np.zeros_like(mean), where=beyond > 1e-200)
    return np.asarray(np.maximum(expected, sold))
