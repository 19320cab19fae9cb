"""The efficient frontier: profit against revenue of plans under the same rules, with today's prices and the chosen ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import axes

Row = Mapping[str, Any]
NEAR = 24.0
"""Pixels of height between two marks below which their names would meet."""


def frontier(plans: Sequence[Row], today: Row, chosen: Row, texts: Mapping[str, str]) -> Markup:
    """Profit by revenue.

    plans          `revenue`, `profit` (major units a day) of each, from most profit to most revenue; `profit_change`, `profit_lo`,
                   `profit_hi`: what it adds to today's profit, with its 90 % interval, drawn upon today's profit
    today, chosen  the same of today's prices, which add nothing, and of the proposed ones
    texts          `said`, `x`, `y`, `today`, `chosen`
    """
    every, base = [*plans, today, chosen], float(today["profit"])
    x, y = ([float(row[name]) for row in every] for name in ("revenue", "profit"))
    low, high = ([base + float(row[name]) for row in (*plans, chosen)] for name in ("profit_lo", "profit_hi"))
    reach = axes.snapped(*axes.padded([*y, *low, *high], 0.06), 5)
    one = axes.frame(axes.snapped(*axes.padded(x, 0.12)), reach, width=560.0, height=360.0, left=64.0)
    parts = axes.axes(one, texts["x"], texts["y"])
    parts.append(axes.band(one, x[: len(plans)], low[: len(plans)], high[: len(plans)], "band"))
    parts += [axes.stem(one, *ends, "whisker") for ends in zip([*x[: len(plans)], x[-1]], low, high, strict=True)]
    parts.append(axes.line(one, x[: len(plans)], y[: len(plans)], "curve"))
    parts += [axes.dot(one, row["revenue"], row["profit"], "candidate", 4.0) for row in plans]
    parts += [
        axes.dot(one, today["revenue"], today["profit"], "now", 6.0),
        axes.diamond(one, chosen["revenue"], chosen["profit"], "new", 8.0),
    ]
    apart = one.y(today["profit"]) - one.y(chosen["profit"])
    away = 0.0 if abs(apart) >= NEAR else -14.0 if apart >= 0.0 else 14.0
    parts += [named(one, today, texts["today"], -away), named(one, chosen, texts["chosen"], away)]
    return axes.svg(one, texts["said"], parts)


def named(one: axes.Frame, row: Row, text: str, away: float = 0.0) -> str:
    """The name of a mark, on the side where there is room; away: pixels down, so that two names do not meet."""
    x = one.x(row["revenue"])
    left = x > (one.x.start + one.x.end) / 2
    return axes.label(x - 12 if left else x + 12, one.y(row["profit"]) + 4 + away, text, "axis-label", "end" if left else "start")
