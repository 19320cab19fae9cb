"""Selling a stock within a season: Gallego & van Ryzin (1994) with Poisson demand of rate A exp(-alpha p).

n   units in stock;  t  time left;  L = A / e  the rate that maximises revenue
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln
from scipy.stats import poisson

from pricesmith.contracts.curves import Floats


def expected_revenue(stock: int, time: float, rate: float, alpha: float) -> Floats:
    """(stock + 1,) J(n, t) = ln(sum_{i <= n} (L t)^i / i!) / alpha for n = 0..stock (eq. 9)."""
    terms = np.arange(stock + 1)
    logs = terms * np.log(max(rate / np.e * time, 1e-300)) - gammaln(terms + 1.0)
    return np.asarray(np.logaddexp.accumulate(logs) / alpha)


def best_price(stock: int, time: float, rate: float, alpha: float) -> Floats:
    """(stock,) p*(n, t) = J(n, t) - J(n - 1, t) + 1 / alpha for n = 1..stock."""
    return np.asarray(np.diff(expected_revenue(stock, time, rate, alpha)) + 1.0 / alpha)


def deterministic_bound(stock: int, time: float, rate: float, alpha: float) -> float:
    """t l p(l) with l = min(L, n / t): no policy earns more on average."""
    sold = min(rate / np.e, stock / time)
    return float(time * sold * np.log(rate / sold) / alpha)


def fixed_price_revenue(stock: int, time: float, rate: float, alpha: float) -> float:
    """Expected revenue of the one price that the deterministic problem suggests: at least 1 - 1 / (2 sqrt(min(n, L t))) of J."""
    sold = min(rate / np.e, stock / time)
    units = np.arange(stock)
    expected = float(poisson.sf(units, sold * time).sum())
    return float(np.log(rate / sold) / alpha * expected)


def stepped_revenue(stock: int, time: float, rate: float, alpha: float, steps: int) -> Floats:
    """(stock + 1,) J by dynamic programming over `steps` slices in each of which at most one unit sells; exact as the steps grow."""
    slice_ = time / steps
    value = np.zeros(stock + 1)
    for _ in range(steps):
        worth = np.diff(value)
        price = worth + 1.0 / alpha
        value[1:] += rate * np.exp(-alpha * price) * slice_ * (price - worth)
    return value
