"""How demand moved by itself: what products whose price stayed sold, against what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

UNKNOWN = 0.25
"""Standard deviation of the log drift where no product stayed: a guess, wide on purpose."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Log of demand over what was expected at unchanged prices.

    mean      (n,) of each product's category
    deviation (n,) standard deviation of that mean
    own       () standard deviation of single products around it, beyond chance
    kept      () number of products that it was measured on; 0: nothing is known, and the deviation is a wide guess
    """

    mean: Floats
    deviation: Floats
    own: float
    kept: int


def drift(expected: Floats, sold: Floats, kept: Flags, category: Ints, dispersion: float) -> Drift:
    """Measure the drift of each category on products that kept their price, each category drawn towards the shop.

    expected, sold  (n,) units over the same days
    kept            (n,) True where the price stayed
    category        (n,) number of each product's category
    dispersion      variance of a product's units = mean + dispersion * mean**2

    Method of moments: the log ratio of sums, the variance between products beyond chance, the variance between categories beyond both
    (DerSimonian & Laird 1986, Controlled Clinical Trials 7, eq. 8).
    """
    usable = kept & (expected > 0) & np.isfinite(sold)
    count = int(usable.sum())
    if count == 0 or sold[usable].sum() <= 0:
        size = expected.size
        return Drift(np.zeros(size), np.full(size, UNKNOWN), UNKNOWN, 0)
    mean, own = _pooled(expected[usable], sold[usable], dispersion)
    groups = int(category.max(initial=0)) + 1
    values, variances = np.zeros(groups), np.full(groups, np.inf)
    for group in np.unique(category[usable]):
        inside = usable & (category == group)
        if sold[inside].sum() > 0:
            values[group] = np.log(sold[inside].sum() / expected[inside].sum())
            variances[group] = _variance(expected[inside], dispersion, own)
    seen = np.isfinite(variances)
    between = _between(values[seen], variances[seen])
    shop = _variance(expected[usable], dispersion, own) + between / max(int(seen.sum()), 1)
    weight = np.where(seen, between / np.maximum(between + np.where(seen, variances, 1.0), 1e-300), 0.0)
    centre = mean + weight * (values - mean)
    spread = np.sqrt(weight * np.where(seen, variances, 0.0) + (1.0 - weight) * (shop + between))
    return Drift(centre[category], spread[category], own, count)


def _pooled(expected: Floats, sold: Floats, dispersion: float) -> tuple[float, float]:
    """Log ratio of sums, and the standard deviation of single products' log ratios beyond counting noise."""
    mean = float(np.log(sold.sum() / expected.sum()))
    fair = expected * np.exp(mean)
    noise = fair + dispersion * fair**2
    excess = float(((sold - fair) ** 2 - noise).sum() / (fair**2).sum())
    return mean, float(np.sqrt(max(excess, 0.0)))


def _variance(expected: Floats, dispersion: float, own: float) -> float:
    """Variance of the log of summed units over summed expectations."""
    noise = expected + (dispersion + own**2) * expected**2
    return float(noise.sum() / expected.sum() ** 2)


def _between(values: Floats, variances: Floats) -> float:
    """Variance between groups beyond their own, by moments; 0 where there are fewer than two."""
    if values.size < 2:
        return 0.0
    weights = 1.0 / variances
    mean = float((weights * values).sum() / weights.sum())
    spread = float((weights * (values - mean) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max((spread - (values.size - 1)) / scale, 0.0) if scale > 0 else 0.0
