"""What moves demand besides prices: season, weekday, trend, events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .world import World

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Baseline:
    """Log effects on demand over all days, horizon included.

    season   (T, n) annual season, about 0 in the mean
    other    (T, n) weekday, trend and events
    events   day numbers of the events, ascending
    """

    season: Floats
    other: Floats
    events: Ints


def baseline(world: World, category: Ints, weekday: Ints, day_of_year: Floats, rng: np.random.Generator) -> Baseline:
    """Draw the baseline of a shop.

    category     (n,) category number
    weekday      (T,) 0 = Monday;  day_of_year (T,) days since 1 January
    """
    days, count = len(weekday), len(category)
    groups = int(category.max()) + 1
    shape = np.stack([_shape(world, day_of_year, rng) for _ in range(groups)], axis=1)
    strength = np.exp(rng.normal(0.0, world.season_own_sd, count))
    season = shape[:, category] * strength
    week = rng.normal(0.0, world.weekday_sd, (7, 1)) + rng.normal(0.0, world.weekday_sd / 3, (7, groups))
    time = np.arange(days)[:, None] / YEAR
    trend = time * rng.normal(0.0, world.trend_sd, count) + time * rng.normal(0.0, 0.05)
    events = _event_days(world, day_of_year, rng)
    lift = np.maximum(rng.normal(world.event_lift, world.event_lift / 3, groups), 0.0)[category]
    happening = np.isin(np.arange(days), events)[:, None]
    return Baseline(season, (week - week.mean(0))[weekday][:, category] + trend + happening * lift, events)


def _shape(world: World, day_of_year: Floats, rng: np.random.Generator) -> Floats:
    """One year's course: two harmonics, or a few bumps of some weeks."""
    angle = 2.0 * np.pi * day_of_year / YEAR
    if rng.random() < world.bump_share:
        course = np.zeros(len(day_of_year))
        for _ in range(int(rng.integers(1, 4))):
            gap = np.angle(np.exp(1j * (angle - rng.uniform(0.0, 2.0 * np.pi))))
            course += rng.choice([-0.6, 1.0, 1.0]) * np.exp(-0.5 * (gap / (2.0 * np.pi * rng.uniform(10.0, 35.0) / YEAR)) ** 2)
    else:
        course = np.cos(angle - rng.uniform(0.0, 2.0 * np.pi)) + rng.uniform(0.0, 0.5) * np.cos(2.0 * angle - rng.uniform(0.0, 2.0 * np.pi))
    course = course - course.mean()
    return np.asarray(world.season_sd * np.exp(rng.normal(0.0, 0.3)) * course / max(float(course.std()), 0.05))


def _event_days(world: World, day_of_year: Floats, rng: np.random.Generator) -> Ints:
    """Days of yearly events of one to three days, the same dates each year."""
    if world.events_a_year == 0:
        return np.zeros(0, dtype=np.int64)
    first = rng.integers(0, 365, world.events_a_year)
    length = rng.integers(1, 4, world.events_a_year)
    dates = np.unique(np.concatenate([start + np.arange(span) for start, span in zip(first, length, strict=True)]) % 365)
    return np.flatnonzero(np.isin(day_of_year.astype(np.int64), dates))
