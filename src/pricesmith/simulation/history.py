"""The course of a made shop: week by week the manager prices, customers buy, stock falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .assortment import Assortment
from .lawful import snap
from .manager import Manager
from .noise import counts, weekly_shocks
from .season import Baseline
from .stockroom import Stockroom
from .world import World

WEEK = 7


@dataclass(frozen=True, slots=True)
class Drivers:
    """What acts on demand and prices, all T days (horizon included) by n products.

    cut       (T, n) promotion as a share of the list price;  lift (n,) log lift of a promotion beyond its price
    pressure  (T, n) log effect of competitors' prices;  cost (T, n) log landed cost relative to the start
    """

    baseline: Baseline
    cut: Floats
    lift: Floats
    pressure: Floats
    cost: Floats


@dataclass(frozen=True, slots=True)
class History:
    """What happened on D days.

    list_price, price  (D, n) major units;  promo (D, n);  units (D, n) sold;  on_hand (D, n) in the evening;  out (D, n) empty all day
    expected  (D, n) units that customers would want on average, the week's shock left out
    """

    list_price: Floats
    price: Floats
    promo: Flags
    units: Floats
    on_hand: Floats
    out: Flags
    expected: Floats


def live(world: World, goods: Assortment, drivers: Drivers, days: int, rng: np.random.Generator) -> History:
    """Run the shop for `days` days."""
    count = len(goods.units)
    shocks = weekly_shocks(-(-days // WEEK) + 1, count, world.shock_sd, world.shock_memory, rng)
    shift = int(rng.integers(0, WEEK))
    manager = Manager(world, goods.reference, rng.integers(0, WEEK, count))
    room = Stockroom.open(world, goods.units, rng)
    calm = np.zeros(count)
    now = manager.price(drivers.cost[0], drivers.baseline.season[0], calm, shocks[0], rng)
    blocks = []
    recent = np.zeros((4, count))
    for week, start in enumerate(range(0, days, WEEK)):
        block = np.arange(start, min(start + WEEK, days))
        cost_moved = drivers.cost[block[-1]] != drivers.cost[max(start - WEEK, 0)]
        sales = np.log((recent.sum(0) + 1.0) / (goods.units * 4 * WEEK + 1.0)) if week >= 4 else calm
        shock = shocks[(block + shift) // WEEK]
        new = manager.price(drivers.cost[start], drivers.baseline.season[start], sales, shock[0], rng)
        new = np.where(manager.due(cost_moved, rng), new, now)
        list_price = np.where((block - start)[:, None] >= manager.weekday, new, now)
        blocks.append(_trade(world, goods, drivers, block, list_price, shock, room, rng))
        recent[week % 4], now = blocks[-1].units.sum(0), new
    return History(*(np.concatenate([getattr(part, name) for part in blocks]) for name in History.__slots__))


def _trade(
    world: World,
    goods: Assortment,
    drivers: Drivers,
    block: Ints,
    list_price: Floats,
    shock: Floats,
    room: Stockroom,
    rng: np.random.Generator,
) -> History:
    """The days of one week at given list prices."""
    price, promo, expected = expect(world, goods, drivers, block, list_price)
    wanted = counts(expected * np.exp(shock), world.dispersion, rng)
    factor = np.exp(drivers.baseline.season[block] + drivers.baseline.other[block])
    sold, out, left = np.empty_like(wanted), np.empty(wanted.shape, dtype=bool), np.empty_like(wanted)
    for row, day in enumerate(block):
        sold[row], out[row] = room.sell(int(day), factor[row], wanted[row], rng)
        left[row] = room.on_hand
    return History(list_price, price, promo, sold, left, out, expected)


def expect(world: World, goods: Assortment, drivers: Drivers, block: Ints, list_price: Floats) -> tuple[Floats, Flags, Floats]:
    """Prices charged, promotion flags and expected units (all (B, n)) on the days `block` at list prices (B, n); shocks have mean 1."""
    cut = drivers.cut[block]
    promo = cut > 0
    price = np.where(promo, np.minimum(snap(list_price * (1.0 - cut), world.currency, ()), list_price), list_price)
    open_ = block[:, None] >= goods.launched
    log_price = np.where(open_, np.log(price / goods.reference), 0.0)
    response = goods.response
    other = drivers.baseline.season[block] + drivers.baseline.other[block]
    rate = response.gather(response.log_ratio(response.spread(log_price))) + other + drivers.pressure[block] + promo * drivers.lift
    return price, promo, np.where(open_, goods.units * np.exp(rate), 0.0)
