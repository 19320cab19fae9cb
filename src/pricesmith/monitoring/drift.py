"""How demand moved by itself: what products whose price stayed sold, against what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

UNKNOWN = 0.25
"""Standard deviation of a shop's log drift before any product was looked at: a guess, wide on purpose."""
BETWEEN = 0.10
"""Standard deviation of categories' log drifts around the shop's before any was looked at: as in made shops, whose seasons move most."""
CATEGORIES, PRODUCTS = 4.0, 8.0
"""Weight of such a guess, and of what the model says of single products, in categories and in products."""
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Drift:
    """Log of demand over what was expected at unchanged prices, by category, as a posterior.

    mean       (n,) of each product's category;  variance (n,) of that mean
    category   (n,) number of each product's category
    within     (G,) the part of a category's variance that no other category shares
    loading    (G,) how much of the shop's drift is in a category's: 0 where it was measured well by itself
    shop       () variance of the shop's drift
    scale      () variance of single products around their category, over what the model says of it
    kept       () number of products that it was measured on; 0: nothing is known, and the variance is a wide guess
    """

    mean: Floats
    variance: Floats
    category: Ints
    within: Floats
    loading: Floats
    shop: float
    scale: float
    kept: int

    def variance_of(self, weight: Floats) -> float:
        """Variance of the sum over products of weight (n,) times drift: what they share does not average out."""
        by_category = np.bincount(self.category, weight, self.within.size)
        return float((by_category**2 * self.within).sum() + (by_category * self.loading).sum() ** 2 * self.shop)


@dataclass(frozen=True, slots=True)
class Seen:
    """Units of n products over the same days.

    expected   (n,) said before;  sold (n,) counted since
    kept       (n,) True where the price stayed;  category (n,) number of each product's category
    noise      (n,) variance of a count = mean + noise * mean**2
    own        (n,) variance of a product's log demand around its category's, as the model says it
    response   (n,) variance of the log of what its new price does; 0 where the price stayed
    """

    expected: Floats
    sold: Floats
    kept: Flags
    category: Ints
    noise: Floats
    own: Floats
    response: Floats


def drift(seen: Seen) -> Drift:
    """Measure drifts on products that kept their price: each category drawn towards the shop, the shop towards none.

    Two levels of normal drifts, variances by moments (empirical Bayes): Morris 1983, Journal of the American Statistical Association 78.
    """
    usable, moved = (flags & (seen.expected > 0) for flags in (seen.kept, ~seen.kept))
    groups = int(seen.category.max(initial=0)) + 1
    scale = 1.0
    for _ in range(ROUNDS):
        value, variance = _by_category(seen, usable, scale, groups)
        spread = between((value, variance), _by_category(seen, moved, scale, groups))
        found = posterior(value, variance, spread)
        scale = _scale(seen, usable, found[0])
    mean, within, loading, shop = found
    total = within + loading**2 * shop
    code = seen.category
    return Drift(mean[code], total[code], code, within, loading, shop, scale, int(usable.sum()))


def _by_category(seen: Seen, usable: Flags, scale: float, groups: int) -> tuple[Floats, Floats]:
    """(G,) log of sold over expected of usable products, each weighed by what it tells, and its variance; infinite where there are none.

    With var S = E + t E^2 the weight 1 / (1 + t E) gives the ratio of least variance v = 1 / sum(E / (1 + t E)). The ratio is unbiased;
    its log is so after adding v / 2.
    """
    spread = seen.noise + scale * seen.own + seen.response
    weight = np.where(usable, 1.0 / (1.0 + spread * seen.expected), 0.0)
    told = np.bincount(seen.category, weight * seen.expected, groups)
    sold = np.bincount(seen.category, weight * seen.sold, groups)
    with np.errstate(divide="ignore"):
        variance = 1.0 / told
    return np.log((sold + 0.5) / (told + 0.5)) + 0.5 * np.where(told > 0, variance, 0.0), variance


def posterior(value: Floats, variance: Floats, spread: float) -> tuple[Floats, Floats, Floats, float]:
    """Mean, own variance and loading (G,) of each category's drift, and the variance of the shop's.

    value, variance  (G,) as measured in each category; an infinite variance where nothing was
    spread           variance of categories' drifts around the shop's, which has variance UNKNOWN**2

    Best linear unbiased prediction, Henderson 1975, Biometrics 31.
    """
    seen = np.isfinite(variance)
    precision = np.where(seen, 1.0 / (spread + variance), 0.0)
    shop = 1.0 / (1.0 / UNKNOWN**2 + precision.sum())
    mean = shop * float((precision * np.where(seen, value, 0.0)).sum())
    own = spread * precision
    return own * value + (1.0 - own) * mean, (1.0 - own) * spread, 1.0 - own, shop


def between(*measured: tuple[Floats, Floats]) -> float:
    """Variance of categories' drifts around the shop's: the guess BETWEEN**2, and what was measured, weighed by how well it is known.

    measured  values and variances (G,) of categories: of products whose price stayed, and of those that moved, as what their new prices did
              is much the same in all categories. A set of k categories with variances around v knows the spread to about
              2 / (k - 1) (v + BETWEEN**2)**2.
    """
    total, weights = CATEGORIES * BETWEEN**2, CATEGORIES
    for value, variance in measured:
        seen = np.isfinite(variance)
        if seen.sum() > 1:
            found, noise = moments(value[seen], variance[seen])
            weight = (int(seen.sum()) - 1) * (BETWEEN**2 / (noise + BETWEEN**2)) ** 2
            total, weights = total + weight * found, weights + weight
    return max(total / weights, 0.0)


def moments(value: Floats, variance: Floats) -> tuple[float, float]:
    """Variance between categories beyond their own, below zero by chance, and the typical one of their own.

    DerSimonian & Laird 1986, Controlled Clinical Trials 7, eq. 8, not cut off at zero.
    """
    weight = 1.0 / variance
    mean = float((weight * value).sum() / weight.sum())
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    freedom = value.size - 1
    return (float((weight * (value - mean) ** 2).sum()) - freedom) / scale, freedom / scale


def _scale(seen: Seen, usable: Flags, centre: Floats) -> float:
    """Variance of single products over what the model says, by moments of kept and of moved products, drawn towards 1.

    Moved products are looked at around their own mean: what all new prices did is no spread.
    """
    fair = seen.expected * np.exp(centre[seen.category])
    moved = ~seen.kept & (seen.expected > 0)
    if moved.any() and seen.sold[moved].sum() > 0:
        fair = np.where(moved, fair * seen.sold[moved].sum() / fair[moved].sum(), fair)
    part = (usable | moved) & (fair > 0)
    fair, sold, own = fair[part], seen.sold[part], seen.own[part]
    known = fair + (seen.noise + seen.response)[part] * fair**2
    trust = own * fair**2 / (known + own * fair**2)
    excess = ((sold - fair) ** 2 - known) / np.maximum(own * fair**2, 1e-300)
    told = float((trust**2).sum())
    return (PRODUCTS + max(float((trust**2 * excess).sum()), 0.0)) / (PRODUCTS + told)
