"""Our prices over competitors' through time, with the line at which both are alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import axes

MARKS, MONTHS = 6, 200
"""Dates below the line at most, about; days from which on a month says enough."""


def index_line(rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Markup:
    """rows: `date` (ISO) and `index` (ratio), in order; texts: `y`, `said`."""
    days = [dt.date.fromisoformat(row["date"]).toordinal() for row in rows]
    levels = [100.0 * row["index"] for row in rows]
    span = (float(days[0]), float(max(days[-1], days[0] + 1)))
    one = axes.frame(span, axes.snapped(*axes.padded([*levels, 100.0]), 5), width=560.0, height=230.0, bottom=28.0)
    step = max(-(-len(days) // MARKS), 1)
    chosen = [place for place in range(len(days)) if place % step == 0 or place == len(days) - 1]
    long = 7 if span[1] - span[0] >= MONTHS else 10
    dates = [(float(days[place]), rows[place]["date"][:long]) for place in chosen]
    parts = [*axes.left(one, texts["y"], axes.ended(one.y, most=5)), *axes.bottom(one, dates, "", axes.apart)]
    parts.append(axes.line(one, [one.x.low, one.x.high], [100.0, 100.0], "diagonal"))
    parts.append(axes.line(one, [float(day) for day in days], levels, "level"))
    return axes.svg(one, texts["said"], parts)
