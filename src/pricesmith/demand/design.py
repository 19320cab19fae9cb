"""Columns of the regression: what moves one product alone, and what all products of a category share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.snapshot import Snapshot

from .panel import days_since_epoch

YEAR = 365.25
ITEM_EFFECTS = ("level", "price", "promo", "cross", "rival", "season")
"""Effects that each product has for itself, pooled with its family and category."""

WEEKDAYS = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Columns of the days of the week, each against Monday."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Which shared columns the model has, so that history and future are built alike.

    period   "day", "week" or "month"
    events   names of the events with an effect of their own, each with its days
    """

    period: str
    harmonics: int
    events: tuple[str, ...]
    event_days: tuple[tuple[int, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        weekdays = WEEKDAYS if self.period == "day" else ()
        waves = tuple(f"{wave}_{k}" for k in range(1, self.harmonics + 1) for wave in ("sin", "cos"))
        return (*weekdays, *waves, *(f"event:{name}" for name in self.events))


def shared_design(snapshot: Snapshot, first_day: int, last_day: int) -> Shared:
    """The shared columns that this history can tell: yearly waves from half a year on, events that lie in it."""
    span = last_day - first_day + 1
    harmonics = 0 if span < 120 else 1 if span < 300 else 2 if span < 500 else 3
    events, event_days = _events(snapshot, first_day, last_day)
    return Shared(snapshot.period, harmonics, events, event_days)


def _events(snapshot: Snapshot, first_day: int, last_day: int) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    if snapshot.calendar.is_empty() or snapshot.period == "month":
        return (), ()
    named = snapshot.calendar.select("event", day=pl.Series(days_since_epoch(snapshot.calendar["date"]))).unique().sort("event", "day")
    grouped = named.group_by("event", maintain_order=True).agg("day")
    seen = [(name, tuple(days)) for name, days in grouped.iter_rows() if any(first_day <= day <= last_day for day in days)]
    seen = seen[:60]
    return tuple(name for name, _ in seen), tuple(days for _, days in seen)


def shared_columns(design: Shared, day: Ints) -> Floats:
    """(N, p) shared columns of rows that start on the given days."""
    if day.size == 0:
        return _of_days(design, day)
    first, last = int(day.min()), int(day.max())
    return _of_days(design, day) if last - first >= day.size else _of_days(design, np.arange(first, last + 1))[day - first]


def _of_days(design: Shared, day: Ints) -> Floats:
    """(d, p) shared columns of days."""
    columns: list[Floats] = []
    if design.period == "day":
        weekday = (day + 3) % 7
        columns += [(weekday == k).astype(float) - 1.0 / 7.0 for k in range(1, 7)]
    middle = day + {"day": 0.0, "week": 3.0, "month": 15.0}[design.period]
    for k in range(1, design.harmonics + 1):
        angle = 2 * np.pi * k * middle / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    length = {"day": 1, "week": 7, "month": 30}[design.period]
    for days in design.event_days:
        marked = np.array(days, np.int64)
        position = np.clip(np.searchsorted(marked, day), 0, marked.size - 1)
        columns.append(((marked[position] >= day) & (marked[position] < day + length)).astype(float))
    return np.stack(columns, axis=1) if columns else np.zeros((day.size, 0))


def waves(names: tuple[str, ...]) -> slice:
    """Places of the yearly waves among the shared columns; they lie side by side."""
    places = [place for place, name in enumerate(names) if name.startswith(("sin_", "cos_"))]
    return slice(places[0], places[-1] + 1) if places else slice(0, 0)
