"""The demand curve of one product: expected units over the price, its band, what was sold, and what the rules forbid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import axes
from .room import Path, Place, free

Rows = Sequence[Mapping[str, Any]]
Texts = Mapping[str, str]
Marks = Mapping[str, float | None]
Named = Callable[[str], str]
WAYS = {"low": "↓", "high": "↑"}
"""What tells the two limits of one rule apart."""
ROOM, DOT = 0.03, 3.0
"""Share of the prices that stays free on either side; half of what a dot takes, pixels."""


def demand_curve(curve: Mapping[str, Rows], marks: Marks, limits: Rows, named: Named, scale: float, texts: Texts) -> Markup:
    """Units a day by price.

    curve   `line` (price, units, lo, hi) and `seen` (price, units, promo, late), prices in minor units
    marks   `now` and `new`, minor units
    limits  `name`, `low`, `high` (minor units, None where free) and `binding` of each rule
    named   a rule's name -> its words
    scale   minor units of one major unit
    texts   `said`, `x`, `y`
    """
    line, seen = curve["line"], curve["seen"]
    prices = [row["price"] / scale for row in line]
    one = axes.frame(axes.snapped(*reach(prices)), axes.snapped(*axes.padded(heights(line, seen), 0.08, zero=True), 5))
    units = [row["units"] for row in line]
    shown = [row for row in seen if one.x.holds(row["price"] / scale) and one.y.holds(row["units"])]
    sold = [around(one, row["price"] / scale, row["units"]) for row in shown]
    lines = [pixels(one, prices, units), *stems(one, prices, units, marks, scale), *sold]
    parts = [*forbidden(one, marks, limits, named, scale, lines), *axes.axes(one, texts["x"], texts["y"])]
    parts.append(axes.band(one, prices, [row["lo"] for row in line], [min(row["hi"], one.y.high) for row in line], "band"))
    parts += [axes.dot(one, row["price"] / scale, row["units"], css(row), 2.6) for row in sorted(shown, key=lambda row: row["late"])]
    parts.append(axes.line(one, prices, units, "curve"))
    parts += marked(one, prices, units, marks, scale)
    return axes.svg(one, texts["said"], parts)


def css(row: Mapping[str, Any]) -> str:
    """Of a dot: what was sold long ago is paler."""
    return " ".join(["seen", *["promo"] * row["promo"], *["early"] * (not row["late"])])


def reach(prices: Sequence[float]) -> tuple[float, float]:
    """Prices that a picture spans."""
    room = ROOM * (prices[-1] - prices[0]) or 0.05 * prices[0] or 1.0
    return max(prices[0] - room, 0.0), prices[-1] + room


def heights(line: Rows, seen: Rows) -> list[float]:
    """What must fit into the picture: the curve with its band, and all that was sold but for the highest fiftieth."""
    sold = sorted(row["units"] for row in seen)
    typical = sold[: max(1, -(-len(sold) * 49 // 50))]
    middle = max((row["units"] for row in line), default=1.0)
    return [*(min(row["hi"], 3.0 * middle) for row in line), *typical]


def forbidden(one: axes.Frame, marks: Marks, limits: Rows, named: Named, scale: float, lines: Sequence[Path]) -> list[str]:
    """What lies beyond the tightest limits is shaded, with the rules that draw them; those that stopped the move stand out. Where the names
    of several would cross a line, the first is written and how many more there are.

    lines  in pixels, of which the names keep clear where they can
    """
    parts, taken, down = [], list[Place](), (marks["new"] or 0) <= (marks["now"] or 0)
    edges = drawn(one, limits, scale)
    walls = {side: [(one.x(edge), one.top), (one.x(edge), one.bottom)] for side, (edge, _) in edges.items()}
    twice = set.intersection(*({row["name"] for row in names} for _, names in edges.values())) if len(edges) == len(WAYS) else set[str]()
    for side, (edge, names) in edges.items():
        start, end = (one.x.low, edge) if side == "low" else (edge, one.x.high)
        parts += [axes.zone(one, start, end, "forbidden"), axes.upright(one, edge, "limit")]
        css = "limit-name binding" if any(row["binding"] for row in names) and down == (side == "low") else "limit-name"
        texts = [f"{WAYS[side]} {named(row['name'])}" if row["name"] in twice else named(row["name"]) for row in names]
        short = [f"{texts[0]} +{len(texts) - 1}"] if len(texts) > 1 else []
        places = beside(one, edge, side, [", ".join(texts), *short])
        place = free(places, [*lines, *(wall for other, wall in walls.items() if other != side)], taken)
        taken.append(place)
        parts.append(axes.label(place.x, place.y, place.text, css, place.anchor))
    return parts


def drawn(one: axes.Frame, limits: Rows, scale: float) -> dict[str, tuple[float, Rows]]:
    """Side -> the tightest limit on it (major units) and the rules that draw it, where that lies inside the picture."""
    found: dict[str, tuple[float, Rows]] = {}
    for side, pick in (("low", max), ("high", min)):
        known = [row for row in limits if row[side] is not None]
        edge = pick(row[side] for row in known) / scale if known else -1.0
        if known and one.x.holds(edge):
            found[side] = edge, [row for row in known if abs(row[side] / scale - edge) < 0.5 / scale]
    return found


def beside(one: axes.Frame, edge: float, side: str, texts: Sequence[str]) -> list[Place]:
    """Where the name of a limit may stand, the best first: on the side of what is allowed, then on the other; from the top down.

    texts  the longest first
    """
    inner, outer = ("start", "end") if side == "low" else ("end", "start")
    heights = [one.top + 16 + step for step in range(0, int(one.bottom - one.top) - 20, 22)]
    ends = [(anchor, one.x(edge) + (4 if anchor == "start" else -4)) for anchor in (inner, outer)]
    every = [Place(x, y, anchor, text) for text in texts for anchor, x in ends for y in heights]
    fits = [place for place in every if place.sides[0] >= one.x.start and place.sides[1] <= one.x.end]
    return fits or every[-len(every) // len(texts) :]


def pixels(one: axes.Frame, xs: Sequence[float], ys: Sequence[float]) -> Path:
    return [(one.x(x), one.y(y)) for x, y in zip(xs, ys, strict=True)]


def around(one: axes.Frame, x: float, y: float) -> Path:
    """A dot, as a line that a label keeps clear of."""
    return [(one.x(x) - DOT, one.y(y)), (one.x(x) + DOT, one.y(y))]


def stems(one: axes.Frame, prices: Sequence[float], values: Sequence[float], marks: Marks, scale: float) -> list[Path]:
    """The lines from the axis up to the current and the proposed price on a curve."""
    known = [float(price) / scale for price in (marks["now"], marks["new"]) if price is not None]
    return [[(one.x(price), one.bottom), (one.x(price), one.y(between(price, prices, values)) - 2 * DOT)] for price in known]


def marked(one: axes.Frame, prices: Sequence[float], values: Sequence[float], marks: Marks, scale: float) -> list[str]:
    """The current and the proposed price on a curve."""
    parts = []
    now, new = (None if marks[name] is None else float(marks[name]) / scale for name in ("now", "new"))  # type: ignore[arg-type]
    if now is not None:
        height = between(now, prices, values)
        parts += [axes.upright(one, now, "now-line", height), axes.dot(one, now, height, "now", 5.0)]
    if new is not None and new != now:
        height = between(new, prices, values)
        parts += [axes.upright(one, new, "new-line", height), axes.diamond(one, new, height, "new")]
    return parts


def between(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """The value of a line through points at x; beyond its ends the value there."""
    if x <= xs[0]:
        return ys[0]
    for (left, low), (right, high) in zip(zip(xs, ys, strict=True), zip(xs[1:], ys[1:], strict=True), strict=False):
        if x <= right:
            return low + (high - low) * (x - left) / ((right - left) or 1.0)
    return ys[-1]
