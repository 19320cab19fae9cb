"""Price and sales of one product over time: what was charged, what competitors asked, what was sold; promotions and stock-outs marked."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from markupsafe import Markup

from . import axes
from .demand_curve import Rows, Texts

HEIGHT, SPLIT = 340.0, 176.0
PRICES = ("price", "promo_price", "competitor")
MONTHS = 5
"""Months that are named at most: on a small screen more of them would meet."""
OUT = 0.2
"""Share of its time from which a week counts as out of stock in the picture."""


def price_history(weeks: Rows, days: float, until: str, scale: float, texts: Texts) -> Markup:
    """Two fields over one time: prices above, units a day below.

    weeks  `start` (ISO date), `price`, `promo_price`, `competitor` (minor units or None), `units`, `promo` and `out` (shares of its time)
    days   length of one of them;  until: the day (ISO date) before which the last of them ends
    texts  `said`, `price`, `units`
    """
    at = [float(dt.date.fromisoformat(row["start"]).toordinal()) for row in weeks]
    end = float(dt.date.fromisoformat(until).toordinal())
    span, long = (at[0], end), [*(days for _ in at[1:]), end - at[-1]]
    series = {name: [math.nan if row[name] is None else row[name] / scale for row in weeks] for name in PRICES}
    charged = axes.snapped(*axes.padded([value for each in series.values() for value in each], 0.1), 4)
    prices = axes.frame(span, charged, height=SPLIT, bottom=10.0)
    sold = axes.snapped(*axes.padded([row["units"] for row in weeks], 0.05, zero=True), 4)
    units = axes.frame(span, sold, height=HEIGHT, top=SPLIT + 34.0, bottom=28.0)
    promoted = [(day, day + own) for day, own, row in zip(at, long, weeks, strict=True) if row["promo"] > 0.5]
    parts = [axes.zone(field, *days_of, "promo-zone") for field in (prices, units) for days_of in promoted]
    parts += axes.left(prices, texts["price"], axes.ended(prices.y, most=4))
    parts += axes.left(units, texts["units"], axes.ended(units.y, most=4))
    parts += [*bars(units, at, weeks, long)]
    parts += [axes.line(prices, *steps(at, series[name], long), css) for name, css in (("competitor", "rival"), ("price", "curve"))]
    cut = [(day + own / 2, value) for day, own, value in zip(at, long, series["promo_price"], strict=True) if math.isfinite(value)]
    parts += [axes.dot(prices, day, value, "seen promo", 2.6) for day, value in cut]
    return axes.svg(units, texts["said"], [*parts, *axes.bottom(units, months(*span), "", axes.apart)])


def bars(one: axes.Frame, at: Sequence[float], weeks: Rows, long: Sequence[float]) -> list[str]:
    """What was sold; a cross where the product could not be bought for part of the time. long: days of each."""
    parts = []
    for row, day, days in zip(weeks, at, long, strict=True):
        out = row["out"] >= OUT
        kind = "sold out" if out else "sold promo" if row["promo"] > 0.5 else "sold"
        parts.append(axes.bar(one, day, days, row["units"], kind, f"{row['start']}: {row['units']:.2f}"))
        parts.append(axes.label(one.x(day + days / 2), one.bottom - 3, "×", "out-mark", "middle") if out else "")
    return parts


def steps(at: Sequence[float], values: Sequence[float], long: Sequence[float]) -> tuple[list[float], list[float]]:
    """A price holds for its whole week."""
    return [one for day, days in zip(at, long, strict=True) for one in (day, day + days)], [
        one for value in values for one in (value, value)
    ]


def months(low: float, high: float) -> list[tuple[float, str]]:
    """First days of months as ticks, as many as fit, between the first and the last day."""
    first, last = (dt.date.fromordinal(math.floor(value)) for value in (low, high))
    every = [dt.date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    inside = [day for day in every if low <= day.toordinal() <= high]
    step = max(1, -(-len(inside) // MONTHS))
    between = [(float(day.toordinal()), f"{day:%Y-%m}") for day in inside[::step] if low < day.toordinal() < high]
    return [(low, f"{first}"), *between, (high, f"{last}")]
