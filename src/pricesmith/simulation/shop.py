"""A whole shop with known truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import exponent

from . import tables as write
from .assortment import Assortment
from .history import History, live
from .information import precision
from .lawful import Law
from .nature import HORIZON, Nature, draw_nature
from .truth import Truth
from .world import World


@dataclass(frozen=True, slots=True)
class SimulatedShop:
    """Tables as a user would give them, the day to price on, and the truth that the tables do not show.

    kind    one of `world.KINDS`;  world  the hyper-parameters drawn for it
    tables  input tables by name;  as_of the day after the last day of history
    """

    kind: str
    world: World
    tables: dict[str, pl.DataFrame]
    as_of: dt.date
    horizon_days: int
    truth: Truth


def simulate(kind: str, rng: np.random.Generator, products: int = 300, days: int = 540) -> SimulatedShop:
    """Make a shop of one kind: `days` days of history, truth for the 28 days after it.

    The same kind, generator state and sizes give the same shop. An unknown kind lists the valid ones.
    """
    nature = draw_nature(kind, rng, products, days)
    world, start, goods, drivers = nature.world, nature.start, nature.goods, nature.drivers
    history = live(world, goods, drivers, days, rng)
    law = _law(world, goods, rng)
    truth = settle(nature, history, law)
    frames = {
        "products": write.products_table(goods, law, world, start, rng),
        "costs": write.costs_table(goods, drivers.cost[: days + 1], start),
        "sales": write.sales_table(history, write.shown(history, goods, world.zero_rows), world, start),
        "competitor_prices": write.offers_table(nature.rivals, goods, world, days, start),
        "calendar": write.calendar_table(drivers.baseline.events, start),
    }
    if not world.zero_rows:
        frames["promotions"] = write.promotions_table(drivers.cut[:days], goods, start)
    if world.stock_cover > 0:
        frames["stock"] = write.stock_table(history, goods, start)
    return SimulatedShop(kind, world, frames, start + dt.timedelta(days=days), HORIZON, truth)


def _law(world: World, goods: Assortment, rng: np.random.Generator) -> Law:
    """The rules of the shop; some products have bounds of their own near their reference price."""
    count, unit = len(goods.units), 10 ** exponent(world.currency)
    low = np.where(rng.random(count) < world.bounded_share, np.round(goods.reference * unit * rng.uniform(0.75, 0.95, count)), -np.inf)
    high = np.where(rng.random(count) < world.bounded_share, np.round(goods.reference * unit * rng.uniform(1.05, 1.3, count)), np.inf)
    return Law(world.currency, world.endings, world.max_change, round(world.min_margin, 3), low, high)


def settle(nature: Nature, history: History, law: Law) -> Truth:
    """What is true on the day after the history."""
    world, goods, drivers = nature.world, nature.goods, nature.drivers
    days, unit = len(history.units), 10 ** exponent(world.currency)
    ahead = slice(days, days + HORIZON)
    factor = np.exp(drivers.baseline.season[ahead] + drivers.baseline.other[ahead] + drivers.pressure[ahead]).mean(0)
    landed, _ = write.landed_cost(goods, drivers.cost[days], np.arange(len(goods.units)))
    return Truth(
        sku=tuple(write.skus(len(goods.units))),
        current=np.round(_current(history, goods, world) * unit).astype(np.int64),
        reference=goods.reference,
        base=goods.units * factor,
        response=goods.response,
        kept_rate=(1.0 - goods.fee - goods.payment) / (1.0 + goods.tax),
        landed=landed,
        returned=goods.returned,
        law=law,
        prior=goods.centre,
        precision=_precision(world, goods, history),
        spread={name: float(getattr(world, name)) for name in SPREAD},
    )


def _precision(world: World, goods: Assortment, history: History) -> Floats:
    """(n, 2, 2) what the history says about own and cross elasticities."""
    response = goods.response
    open_ = (history.expected > 0) & ~history.out
    own = np.where(history.expected > 0, np.log(history.price / goods.reference), 0.0)
    laid = response.spread(own)
    others = (laid.sum(-1, keepdims=True) - laid) / np.maximum(response.member.sum(-1) - 1, 1)[:, None]
    columns = np.stack([own, response.gather(np.where(response.member, others, 0.0))])
    return precision(columns, history.expected, open_, world.dispersion, world.shock_sd, world.shock_memory)


SPREAD = ("dispersion", "shock_sd", "shock_memory", "elasticity", "category_sd", "family_sd", "product_sd")


def _current(history: History, goods: Assortment, world: World) -> Floats:
    """(n,) list price of the latest sales row without a promotion; without one, the price of the latest row; else the shelf price.

    Where the tables mark no promotion, every row is one without.
    """
    visible = write.shown(history, goods, world.zero_rows)
    regular = visible & ~history.promo if world.promotions_marked else np.zeros_like(visible)
    chosen = np.where(regular.any(0), _last(regular), _last(visible))
    column = np.arange(len(chosen))
    shelf = np.where(regular.any(0), history.list_price[chosen, column], history.price[chosen, column])
    return np.where(visible.any(0), shelf, history.list_price[-1])


def _last(flags: np.ndarray) -> Ints:
    """(n,) the last row in which a column is True; the last row where it never is."""
    return np.asarray(len(flags) - 1 - np.argmax(flags[::-1], axis=0))
