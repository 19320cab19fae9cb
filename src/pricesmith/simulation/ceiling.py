"""The ceiling: what could be captured with every variance known, and everything known but the own and cross elasticities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricesmith.contracts.curves import Z90, Flags, Floats

from .optimum import optimum
from .response import CROSS
from .score import Answer
from .truth import Truth


def ceiling(truth: Truth, rng: np.random.Generator) -> Answer:
    """Prices from efficient estimates of own and cross elasticities, shrunk with the true means and spreads.

    The estimates are drawn around the truth with the precision that the history allows (`Truth.precision`); season, promotions,
    competitor, levels, the form of the own curves, dispersion and shocks are known. Own elasticities are pooled in family and category,
    cross effects in family and shop. The intervals are those of the normal posterior.
    """
    own, cross = truth.elasticity(truth.current), truth.cross_elasticity(truth.current)
    mean, variance = posterior(truth, own, cross, rng)
    believed_own, believed_cross = np.minimum(mean[:, 0], -0.1), mean[:, 1]
    response = truth.response
    x = response.spread(truth.log_price(truth.current))
    curve = np.where(response.member, response.own_slope(x), -1.0)
    slope = response.slope * np.where(response.member, response.spread(believed_own) / curve, 1.0)
    kinds = np.full(len(response.kind), CROSS)
    believed = replace(truth, response=replace(response, slope=slope, kind=kinds, strength=response.spread(believed_cross)))
    reach = Z90 * np.sqrt(variance[:, 0])
    return Answer(optimum(believed, rng, starts=2), believed_own, believed_own - reach, believed_own + reach)


def posterior(truth: Truth, own: Floats, cross: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(n, 2) posterior means and variances of own and cross elasticity, given one drawn set of efficient estimates."""
    response = truth.response
    families, members = response.slot.shape
    laid = response.spread
    fact = np.stack([laid(own), laid(cross)], axis=-1)
    related = (response.member.sum(1) > 1)[:, None] & response.member
    centre = np.stack([laid(truth.prior), np.where(related, cross_mean(truth, cross), 0.0)], axis=-1)
    prior = np.zeros((families, members, 2, members, 2))
    spread = truth.spread
    family = (spread["family_sd"], cross_spread(truth, cross)[0])
    product = (spread["product_sd"], cross_spread(truth, cross)[1])
    for k in range(2):
        prior[:, :, k, :, k] = family[k] ** 2 + product[k] ** 2 * np.eye(members)
    size = 2 * members
    inverse = np.linalg.inv(prior.reshape(families, size, size))
    known = np.zeros((families, members, 2, members, 2))
    for place in range(members):
        known[:, place, :, place, :] = np.where(response.member[:, place, None, None], truth.precision[response.slot[:, place]], 0.0)
    data = known.reshape(families, size, size)
    values, vectors = np.linalg.eigh(data)
    noise = (vectors @ (np.sqrt(np.maximum(values, 0.0)) * rng.normal(size=(families, size)))[..., None])[..., 0]
    pull = (data @ fact.reshape(families, size, 1))[..., 0] + noise + (inverse @ centre.reshape(families, size, 1))[..., 0]
    covariance = np.linalg.inv(inverse + data)
    mean = (covariance @ pull[..., None])[..., 0].reshape(families, members, 2)
    variance = np.diagonal(covariance, axis1=1, axis2=2).reshape(families, members, 2)
    gather = response.gather
    return np.stack([gather(mean[..., k]) for k in range(2)], -1), np.stack([gather(variance[..., k]) for k in range(2)], -1)


def cross_mean(truth: Truth, cross: Floats) -> float:
    """Mean cross effect of the products that have a family."""
    related = _related(truth)
    return float(cross[related].mean()) if related.any() else 0.0


def cross_spread(truth: Truth, cross: Floats) -> tuple[float, float]:
    """Standard deviations of the cross effects: of families around the shop, of products around their family (at least .01)."""
    laid, size = truth.response.spread(cross), truth.response.member.sum(1)
    mean = laid.sum(1) / np.maximum(size, 1)
    inside = np.where(truth.response.member, laid - mean[:, None], 0.0)[size > 1]
    free = float((size[size > 1] - 1).sum())
    if free <= 0:
        return 0.01, 0.01
    return max(float(mean[size > 1].std()), 0.01), max(float(np.sqrt((inside**2).sum() / free)), 0.01)


def _related(truth: Truth) -> Flags:
    size = np.broadcast_to(truth.response.member.sum(1)[:, None], truth.response.slot.shape)
    return truth.response.gather(size.astype(np.float64)) > 1
