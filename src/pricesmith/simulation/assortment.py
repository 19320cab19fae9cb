"""The products of a made shop: families, categories, elasticities, price points, costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .response import CROSS, LOGIT, SCALED, SEGMENTS, SHARES, Response
from .world import World

LARGEST_FAMILY = 6


@dataclass(frozen=True, slots=True)
class Assortment:
    """n products.

    category    (n,) category number;  family (n,) family number, -1 alone
    elasticity  (n,) own elasticity at the reference price;  centre (n,) mean elasticity of the category
    reference   (n,) reference price, major units, gross
    landed      (n,) landed cost at the start, major units;  shipping (n,) the part of it that is shipping
    tax, fee, payment, returned  (n,) rates
    units       (n,) mean units a day at the reference prices, in a mean season
    launched    (n,) day number of the launch, 0 or earlier for old products
    response    how units answer prices
    """

    category: Ints
    family: Ints
    elasticity: Floats
    centre: Floats
    reference: Floats
    landed: Floats
    shipping: Floats
    tax: Floats
    fee: Floats
    payment: Floats
    returned: Floats
    units: Floats
    launched: Ints
    response: Response


def assort(world: World, count: int, days: int, rng: np.random.Generator) -> Assortment:
    """Draw the products of a shop with `count` products and `days` days of history."""
    groups = _groups(world, count, rng)
    categories = int(rng.integers(6, 13))
    of_group = rng.integers(0, categories, int(groups.max()) + 1)
    centre = (world.elasticity + rng.normal(0.0, world.category_sd, categories))[of_group]
    elasticity = _elasticities(world, groups, centre, rng)
    size = np.bincount(groups)
    units = world.units_median * np.exp(rng.normal(0.0, world.units_sd, count))
    reference = world.price_median * np.exp(rng.normal(0.0, world.price_sd, len(size))[groups] + rng.normal(0.0, 0.25, count))
    tax, fee, payment, returned = _rates(world, of_group[groups], categories, rng)
    response = _respond(world, groups, elasticity, units, rng)
    kept = reference / (1.0 + tax) * (1.0 - fee - payment)
    landed = kept * _cost_share(world, elasticity, together(response), rng)
    launched = _launches(world, count, days, rng)
    return Assortment(
        category=of_group[groups],
        family=np.where(size[groups] > 1, groups, -1),
        elasticity=elasticity,
        centre=centre[groups],
        reference=reference,
        landed=landed,
        shipping=landed * rng.choice([0.0, 0.04]),
        tax=tax,
        fee=fee,
        payment=payment,
        returned=returned,
        units=units,
        launched=launched,
        response=response,
    )


def _rates(world: World, category: Ints, categories: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """(n,) tax, marketplace fee, payment fee and return rate."""
    tax = np.asarray(world.taxes)[rng.integers(0, len(world.taxes), categories)][category]
    fee = np.full(len(category), rng.choice([0.0, 0.0, 0.08]))
    payment = np.full(len(category), rng.choice([0.0, 0.015, 0.03]))
    returned = rng.choice([0.0, 0.05]) * rng.uniform(0.5, 1.5, categories)[category]
    return tax, fee, payment, returned


def _launches(world: World, count: int, days: int, rng: np.random.Generator) -> Ints:
    """(n,) day of the launch: young products 20-60 days before the end, a tenth of the others within the first half, the rest at 0."""
    young = rng.random(count) < world.young_share
    recent = days - rng.integers(20, 61, count)
    later = np.where(rng.random(count) < 0.1, rng.integers(0, max(days // 2, 1), count), 0)
    return np.maximum(np.where(young, recent, later), 0).astype(np.int64)


def _groups(world: World, count: int, rng: np.random.Generator) -> Ints:
    """(n,) group number: families of two to six for a share of the products, the rest alone."""
    sizes: list[int] = []
    while sum(sizes) < count:
        in_family = rng.random() < world.family_share / (world.family_share + 4.0 * (1.0 - world.family_share))
        sizes.append(min(int(rng.integers(2, LARGEST_FAMILY + 1)) if in_family else 1, count - sum(sizes)))
    return np.repeat(np.arange(len(sizes)), sizes)


def _elasticities(world: World, groups: Ints, centre: Floats, rng: np.random.Generator) -> Floats:
    """(n,) own elasticities around those of their families, around the category's (`centre`, by family)."""
    family = centre + rng.normal(0.0, world.family_sd, len(centre))
    return np.minimum(family[groups] + rng.normal(0.0, world.product_sd, len(groups)), -rng.uniform(1.05, 1.35, len(groups)))


def together(response: Response, step: float = 1e-4) -> Floats:
    """(n,) elasticity of each product when all prices of its family move alike, at the reference prices."""
    x = np.where(response.member, step, 0.0)
    return response.gather((response.log_ratio(x) - response.log_ratio(-x)) / (2.0 * step))


def _cost_share(world: World, own: Floats, joint: Floats, rng: np.random.Generator) -> Floats:
    """(n,) landed cost over kept price: an optimum missed by some, or a plain mark-up."""
    felt = np.minimum((1.0 - world.family_sense) * own + world.family_sense * joint, -1.1)
    missed = (1.0 + 1.0 / felt) * np.exp(rng.normal(-world.mispricing_mean, world.mispricing_sd, len(own)))
    markup = rng.uniform(0.45, 0.6) * np.exp(rng.normal(0.0, 0.15, len(own)))
    share: Floats = np.where(rng.random(len(own)) < world.cost_plus_share, markup, missed)
    return np.clip(share, 0.1, 0.85)


def _respond(world: World, groups: Ints, elasticity: Floats, units: Floats, rng: np.random.Generator) -> Response:
    families, count = int(groups.max()) + 1, len(groups)
    slot = np.full((families, LARGEST_FAMILY), -1)
    start = np.flatnonzero(np.r_[True, np.diff(groups) > 0])
    slot[groups, np.arange(count) - start[groups]] = np.arange(count)
    size = (slot >= 0).sum(1)
    kind = rng.choice(3, families, p=np.asarray(world.cross))
    complements = rng.random(families) < world.complement_share
    kind = np.where(complements & (kind == SHARES), CROSS, kind)
    level = world.cross_strength * np.clip(rng.normal(1.0, 0.3, families), 0.2, 1.8)
    strength = np.select([kind == SCALED, kind == CROSS], [level, level * -world.elasticity], 1.0 - level)
    strength = np.where(complements, -0.5 * strength, strength)
    strength = np.where(size > 1, strength, np.where(kind == SHARES, 1.0, 0.0))
    form = np.where(slot >= 0, rng.choice(4, slot.shape, p=np.asarray(world.forms)), 0)
    shape = np.select([form == LOGIT, form == SEGMENTS], [rng.uniform(0.1, 0.5, slot.shape), rng.uniform(0.3, 0.7, slot.shape)], 0.0)
    sold = np.where(slot >= 0, units[np.maximum(slot, 0)], 0.0)
    weight = sold / sold.sum(1, keepdims=True)
    wanted = np.where(slot >= 0, elasticity[np.maximum(slot, 0)], 0.0)
    strength = np.repeat(strength[:, None], LARGEST_FAMILY, axis=1)
    slope = wanted / (1.0 + np.where((kind == SHARES)[:, None], strength - 1.0, 0.0) * weight)
    return Response(slot, slope, form, shape, kind, strength, weight)
