"""The profit of one product over its candidate prices: those that the rules allow, the others, the current and the proposed one."""

from __future__ import annotations

from markupsafe import Markup

from . import axes
from .demand_curve import Marks, Named, Rows, Texts, forbidden, marked, pixels, reach, stems


def profit_curve(candidates: Rows, marks: Marks, limits: Rows, named: Named, scale: float, texts: Texts) -> Markup:
    """Profit a day by price, the effect on related products counted.

    candidates  `price` (minor units), `together` with its 90 % interval `together_lo`, `together_hi` (major units a day), `allowed`,
                ascending in price, all with a known profit
    marks, limits, named, scale, texts  as in `demand_curve`
    """
    prices, profit = [row["price"] / scale for row in candidates], [row["together"] for row in candidates]
    low, high = ([row[name] for row in candidates] for name in ("together_lo", "together_hi"))
    one = axes.frame(axes.snapped(*reach(prices)), axes.snapped(*axes.padded([*low, *high], 0.06), 5))
    lines = [pixels(one, prices, profit), *stems(one, prices, profit, marks, scale)]
    parts = [*forbidden(one, marks, limits, named, scale, lines), *axes.axes(one, texts["x"], texts["y"])]
    if one.y.low < 0.0 < one.y.high:
        parts.append(axes.line(one, [one.x.low, one.x.high], [0.0, 0.0], "axis"))
    parts += [axes.band(one, prices, low, high, "band"), axes.line(one, prices, profit, "curve")]
    for price, value, row in zip(prices, profit, candidates, strict=True):
        parts.append(axes.dot(one, price, value, "candidate" if row["allowed"] else "candidate out", 3.2))
    return axes.svg(one, texts["said"], [*parts, *marked(one, prices, profit, marks, scale)])
