"""What is learned of a shop, and what is believed before any data."""

from __future__ import annotations

from dataclasses import dataclass

from pricesmith.contracts.curves import Floats

from .shocks import Shocks

LITERATURE_MEAN = -2.62
"""Mean of 1,851 published price elasticities (Bijmolt, van Heerde and Pieters 2005)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of an effect before any data.

    mean, variance  of the shop's mean
    spread          guess of the variance at each level: items of a product, products of a family, families of a category, categories
    cap             no spread is larger
    """

    mean: float
    variance: float
    spread: tuple[float, float, float, float]
    cap: float = 25.0


def _alike(deviation: float) -> tuple[float, float, float, float]:
    return (deviation**2,) * 4


BELIEFS: dict[str, Belief] = {
    "price": Belief(LITERATURE_MEAN, 1.5**2, _alike(0.35), 4.0),
    "promo": Belief(0.2, 0.5**2, (0.1**2, 0.1**2, 0.05**2, 0.05**2), 1.0),
    "cross": Belief(0.3, 0.7**2, (0.05**2, 0.05**2, 0.2**2, 0.05**2), 1.0),
    "rival": Belief(0.2, 0.5**2, _alike(0.1), 0.5),
    "trend": Belief(0.0, 0.3**2, (0.1**2, 0.1**2, 0.05**2, 0.05**2), 0.5),
    "season": Belief(0.0, 0.01**2, _alike(0.2), 0.5),
    "shared": Belief(0.0, 0.7**2, _alike(0.08), 0.5),
    "promotion": Belief(0.0, 0.5**2, _alike(0.1), 1.0),
    "control": Belief(0.0, 2.0**2, _alike(0.05), 0.1),
    "price_drift": Belief(0.0, 0.05**2, _alike(0.025), 0.25),
}


@dataclass(frozen=True, slots=True)
class Hyper:
    """Priors and variances that the regression takes as given and that pooling learns.

    prior_mean, prior_variance    (n, q) of the item effects;  shared_mean, shared_variance  (C, p) of the shared ones
    dispersion, shocks     of counts beyond Poisson: per row, and what lasts
    spreads  effect -> standard deviation at each level, from the item up;  tops  effect -> mean over the shop
    weighed  (C, q) pull of a category's items on the mean of their effects that pooling has weighed against all else it knows of it
    excess   variance of the price's score between blocks of time over what the model says; at least 1, in every information
    """

    prior_mean: Floats
    prior_variance: Floats
    shared_mean: Floats
    shared_variance: Floats
    dispersion: float
    shocks: Shocks
    spreads: dict[str, tuple[float, ...]]
    tops: dict[str, float]
    weighed: Floats
    excess: float = 1.0


@dataclass(frozen=True, slots=True)
class Effects:
    """What was learned. n items, q item effects, C categories, p shared effects, N rows.

    item, shared         (n, q), (C, p) posterior modes;  shared_deviation (C, p) posterior standard deviations
    information          (n, q) of the data about each item effect, the item's other effects integrated out
    mean                 (N,) fitted mean;  common (N,) log of what the category's products shared in that week, part of the mean
    farthest             how far a turn moved the priors of price and family effects at most, in spreads of them (root mean square)
    """

    item: Floats
    shared: Floats
    shared_deviation: Floats
    information: Floats
    mean: Floats
    common: Floats
    common_variance: float
    hyper: Hyper
    farthest: float

    @property
    def item_variance(self) -> Floats:
        """(n, q) posterior variances."""
        return 1.0 / (self.information + 1.0 / self.hyper.prior_variance)

    @property
    def overdispersion(self) -> float:
        """Variance of a row beyond Poisson as a share of its squared mean, shocks included."""
        return self.hyper.dispersion + self.hyper.shocks.total
