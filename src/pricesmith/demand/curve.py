"""Forms of the own-price curve in regression: log units at log price ratio x to the reference price, and its slope in the elasticity.

A form is its saturation s: -1 constant elasticity (e x), 0 semi-log (e (exp(x) - 1)), in between a logit whose ceiling is reached to the
share s at the reference price. In all of them e is the elasticity at the reference price (x = 0); see contracts.curves.response.
"""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

CONSTANT = -1.0
CANDIDATES = (CONSTANT, 0.0, 0.2, 0.4)
"""Forms among which the data choose."""

NAMES = ("constant_elasticity", "semi_log", "logit")
LIMIT = 2.0


def form_of(saturation: float) -> int:
    """0, 1, 2: the number of the form in contracts.curves."""
    return 0 if saturation < 0 else 1 if saturation == 0 else 2


def own_curve(log_ratio: Floats, elasticity: Floats, saturation: float) -> tuple[Floats, Floats]:
    """Log of units relative to the reference price, and its derivative in the elasticity; arguments broadcast."""
    if saturation < 0:
        return elasticity * log_ratio, np.broadcast_to(log_ratio, np.broadcast_shapes(log_ratio.shape, elasticity.shape))
    growth = np.expm1(np.minimum(log_ratio, LIMIT))
    if saturation == 0:
        return elasticity * growth, np.broadcast_to(growth, np.broadcast_shapes(growth.shape, elasticity.shape))
    steep = elasticity / (1.0 - saturation)
    value = -np.logaddexp(np.log(saturation), np.log1p(-saturation) - steep * growth)
    return value, growth / (1.0 - saturation) * (1.0 - bought(log_ratio, elasticity, saturation))


def bought(log_ratio: Floats, elasticity: Floats, saturation: float) -> Floats:
    """Share of the ceiling that is reached at a log price ratio; 0 for forms without a ceiling."""
    if saturation <= 0:
        return np.zeros(np.broadcast_shapes(log_ratio.shape, elasticity.shape))
    steep = elasticity / (1.0 - saturation)
    odds = np.log(saturation) - np.log1p(-saturation) + steep * np.expm1(np.minimum(log_ratio, LIMIT))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -40.0, 40.0))))


def elasticity_at(log_ratio: Floats, elasticity: Floats, saturation: float) -> Floats:
    """Elasticity at a log price ratio x from the one at the reference price."""
    if saturation < 0:
        return np.broadcast_to(elasticity, np.broadcast_shapes(log_ratio.shape, elasticity.shape))
    ratio = np.exp(np.clip(log_ratio, -LIMIT, LIMIT))
    if saturation == 0:
        return np.asarray(elasticity * ratio)
    return np.asarray(elasticity / (1.0 - saturation) * ratio * (1.0 - bought(log_ratio, elasticity, saturation)))
