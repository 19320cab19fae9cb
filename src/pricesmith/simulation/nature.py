"""Everything about a made shop that is drawn before its first day: products, seasons, promotions, competitors, costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from .assortment import Assortment, assort
from .competitors import Competition, compete
from .costs import cost_path
from .history import Drivers
from .promotions import promotion_plan
from .season import baseline
from .world import World, draw_world

HORIZON = 28
"""Days after the history for which the truth is stated."""

FIRST = dt.date(2024, 1, 1)
"""Shops open on a day of the year that starts here."""


@dataclass(frozen=True, slots=True)
class Nature:
    """World, first day, products, drivers of demand over history and horizon, and the competitors behind them."""

    world: World
    start: dt.date
    goods: Assortment
    drivers: Drivers
    rivals: Competition


def draw_nature(kind: str, rng: np.random.Generator, products: int, days: int) -> Nature:
    """Draw a shop's nature. After the history competitors hold their last prices and no promotion is planned."""
    world = draw_world(kind, rng)
    start = FIRST + dt.timedelta(days=int(rng.integers(0, 365)))
    goods = assort(world, products, days, rng)
    span = days + HORIZON
    dates = start.toordinal() + np.arange(span)
    of_year = np.array([float(dt.date.fromordinal(int(day)).timetuple().tm_yday - 1) for day in dates])
    base = baseline(world, goods.category, (dates - 1) % 7, of_year, rng)
    rivals = compete(world, span, products, rng)
    effect = np.maximum(rng.normal(world.competitor_effect, world.competitor_effect / 3, products), 0.0)
    pressure = rivals.pressure(products) * effect
    pressure[days:] = pressure[days - 1]
    lift = rng.normal(world.promotion_lift, 0.1, products)
    cut = promotion_plan(world, span, products, rng)
    cut[days:] = 0.0
    return Nature(world, start, goods, Drivers(base, cut, lift, pressure, cost_path(world, span, products, rng)), rivals)
