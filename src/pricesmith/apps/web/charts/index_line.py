"""Our prices over competitors' through time, with the line at which both are alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import axes

MARKS = 6


def index_line(rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Markup:
    """rows: `date` (ISO) and `index` (ratio), in order; texts: `y`, `said`."""
    days = [dt.date.fromisoformat(row["date"]).toordinal() for row in rows]
    levels = [100.0 * row["index"] for row in rows]
    span = (float(days[0]), float(max(days[-1], days[0] + 1)))
    one = axes.frame(span, axes.padded([*levels, 100.0]), width=560.0, height=230.0, bottom=28.0)
    up = axes.ticks(one.y.low, one.y.high, 5)
    parts = [
        f'<line class="grid" x1="{one.x.start}" x2="{one.x.end}" y1="{one.y(mark)}" y2="{one.y(mark)}"/>'
        + axes.label(one.x.start - axes.GAP, one.y(mark) + 4, axes.decimals(up)(mark), "tick", "end")
        for mark in up
    ]
    step = max(-(-len(days) // MARKS), 1)
    parts += axes.bottom(one, [(float(day), rows[place]["date"][2:7]) for place, day in enumerate(days) if place % step == 0], "")
    parts.append(axes.label(one.x.start - 48, one.top - 13, texts["y"], "axis-label", "start"))
    parts.append(axes.line(one, [one.x.low, one.x.high], [100.0, 100.0], "diagonal"))
    parts.append(axes.line(one, [float(day) for day in days], levels, "level"))
    return axes.svg(one, texts["said"], parts)
