"""Log-log demand of several brands with price, brand and feature effects and their interactions, and the way back to units.

Model of Taddy (Business Data Science): ln q = a_b + e_b ln p, with a further shift of level and slope while a product is featured.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


class Form(Enum):
    """Which terms the model has."""

    PRICE = "one level, one elasticity"
    BRAND = "a level per brand, one elasticity"
    BRAND_SLOPES = "a level and an elasticity per brand"
    FEATURE_SLOPES = "a level and an elasticity per brand, each shifted by features per brand"


@dataclass(frozen=True, slots=True)
class LogLogFit:
    """Least squares of log units.

    names           of the coefficients: `log_price`, `brand[1]`, `feature`, joined by `:` where they interact; brand 0 is the base
    coefficient     (p,)
    standard_error  (p,) under equal variances
    r_squared       share of the variance of log units explained
    smearing        mean of exp(residual): expected units = exp(fitted log units) * smearing (Duan 1983)
    """

    names: tuple[str, ...]
    coefficient: Floats
    standard_error: Floats
    r_squared: float
    smearing: float

    def value(self, name: str) -> float:
        """One coefficient; 0 for a term that the model does not have."""
        return float(self.coefficient[self.names.index(name)]) if name in self.names else 0.0

    def elasticity(self, brand: int, *, featured: bool = False) -> float:
        """Own-price elasticity of a brand: the sum of its price coefficients."""
        own = self.value("log_price") + (self.value(f"log_price:brand[{brand}]") if brand else 0.0)
        shift = self.value("log_price:feature") + (self.value(f"log_price:brand[{brand}]:feature") if brand else 0.0)
        return own + shift if featured else own


def fit_log_log(units: Floats, price: Floats, brand: Ints, feature: Floats, form: Form) -> LogLogFit:
    """Fit one of the four forms.

    units, price  (N,) positive
    brand         (N,) numbers from 0
    feature       (N,) 1 where featured, else 0 (or the featured share)
    """
    names, design = log_log_design(np.log(price), brand, feature, form)
    outcome = np.log(units)
    coefficient = np.asarray(np.linalg.lstsq(design, outcome, rcond=None)[0], dtype=np.float64)
    residual = outcome - design @ coefficient
    power = float(residual @ residual)
    spread = np.diag(np.linalg.inv(design.T @ design)) * (power / (len(outcome) - len(names)))
    centred = outcome - outcome.mean()
    return LogLogFit(names, coefficient, np.sqrt(spread), 1.0 - power / float(centred @ centred), float(np.mean(np.exp(residual))))


def log_log_design(log_price: Floats, brand: Ints, feature: Floats, form: Form) -> tuple[tuple[str, ...], Floats]:
    """Names and columns (N, p) of the model's terms."""
    levels = range(1, int(brand.max()) + 1)
    terms = {"constant": np.ones(len(log_price)), "log_price": log_price}
    if form is not Form.PRICE:
        terms |= {f"brand[{level}]": (brand == level).astype(np.float64) for level in levels}
    if form in (Form.BRAND_SLOPES, Form.FEATURE_SLOPES):
        terms |= {f"log_price:brand[{level}]": log_price * (brand == level) for level in levels}
    if form is Form.FEATURE_SLOPES:
        terms |= {("feature" if name == "constant" else f"{name}:feature"): column * feature for name, column in terms.items()}
    return tuple(terms), np.column_stack(list(terms.values()))


def semi_log_elasticity(slope: Floats, price: Floats) -> Floats:
    """Elasticity of ln q = a - b p at a price: -b p, with slope = b > 0. Arguments broadcast."""
    return -slope * price
