"""Demand curves as inline SVG that follows the colours of the page, light or dark."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from pricesmith.flows.desk.runs.sums import Frontier

from .content import Curve

COLOURS = {"ink": "#010101", "muted": "#020202", "accent": "#030303", "new": "#040404", "line": "#050505", "forbidden": "#060606"}
"""Stand-ins that become CSS variables of the page."""

SIZE = (4.2, 2.5)
STYLE: Any = {"svg.fonttype": "none", "font.size": 9.0, "axes.linewidth": 0.8, "path.simplify": False}


def demand_curve(curve: Curve) -> str:
    """Expected units a day over the price, its 90 % band, what was sold, the current and the new price, and what the rules forbid."""
    with rc_context(STYLE), rc_context({"svg.hashsalt": f"{curve.sku} {curve.now} {curve.new}"}):
        figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        low, high = reach(curve)
        forbid(axes, curve, low, high)
        axes.fill_between(curve.prices, curve.low, curve.high, color=COLOURS["accent"], alpha=0.18, linewidth=0)
        axes.plot(curve.prices, curve.units, color=COLOURS["accent"], linewidth=1.8)
        scatter(axes, curve, low, high)
        mark(axes, curve)
        frame(axes, low, high, curve)
        return to_svg(figure)


def reach(curve: Curve) -> tuple[float, float]:
    """Prices that the picture spans."""
    room = 0.03 * float(curve.prices[-1] - curve.prices[0]) or 0.05 * curve.now
    return float(curve.prices[0]) - room, float(curve.prices[-1]) + room


def forbid(axes: Axes, curve: Curve, low: float, high: float) -> None:
    if curve.floor > low:
        axes.axvspan(low, min(curve.floor, high), color=COLOURS["forbidden"], alpha=0.12, linewidth=0)
    if curve.ceiling < high:
        axes.axvspan(max(curve.ceiling, low), high, color=COLOURS["forbidden"], alpha=0.12, linewidth=0)


def scatter(axes: Axes, curve: Curve, low: float, high: float) -> None:
    shown = curve.seen.filter(curve.seen["price"].is_between(low, high))
    for (promo, late), rows in sorted(shown.partition_by("promo", "late", as_dict=True).items(), key=lambda one: one[0][1]):
        face, shade = "none" if promo else COLOURS["muted"], 0.9 if late else 0.35
        axes.scatter(rows["price"], rows["units"], s=12, facecolors=face, edgecolors=COLOURS["muted"], linewidths=0.8, alpha=shade)


def mark(axes: Axes, curve: Curve) -> None:
    for price, colour, shape in ((curve.now, COLOURS["ink"], "o"), (curve.new, COLOURS["new"], "D")):
        height = float(np.interp(price, curve.prices, curve.units))
        axes.plot([price, price], [0.0, height], color=colour, linewidth=1.0, linestyle=(0, (3, 2)))
        axes.plot([price], [height], marker=shape, color=colour, markersize=6.5)


def frame(axes: Axes, low: float, high: float, curve: Curve) -> None:
    seen = curve.seen.filter(curve.seen["price"].is_between(low, high))["units"]
    typical = float(seen.quantile(0.98)) if len(seen) else 0.0  # type: ignore[arg-type]
    axes.set_xlim(low, high)
    axes.set_ylim(0.0, 1.12 * max(float(np.max(curve.high)), typical, 1e-9))
    dress(axes)


def dress(axes: Axes) -> None:
    """Two quiet axes with few marks."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(COLOURS["line"])
    axes.tick_params(colors=COLOURS["muted"], length=3, width=0.8)
    axes.locator_params(axis="y", nbins=5)
    axes.locator_params(axis="x", nbins=6)


def frontier(found: Frontier) -> str:
    """Profit over revenue, both a day: the efficient plans, today, and the chosen plan."""
    with rc_context(STYLE), rc_context({"svg.hashsalt": "frontier"}):
        figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.plot(found.plans["revenue"], found.plans["profit"], color=COLOURS["accent"], linewidth=1.8, marker="o", markersize=3.5)
        for (revenue, profit), colour, shape in ((found.today, COLOURS["ink"], "o"), (found.chosen, COLOURS["new"], "D")):
            axes.plot([revenue], [profit], marker=shape, color=colour, markersize=6.5, linestyle="none")
        axes.margins(0.08)
        dress(axes)
        return to_svg(figure)


def to_svg(figure: Figure) -> str:
    """The bare <svg> element: scales with its place, colours and font of the page."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(
        r'<svg [^>]*viewBox="([^"]+)"[^>]*>', r'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="\1" role="img">', text, count=1
    )
    text = re.sub(r"font: (\d+(?:\.\d+)?px) [^;\"]+", r"font-size: \1", text)
    text = re.sub(r"font-family: [^;\"]+;?", "", text)
    for name, colour in COLOURS.items():
        text = text.replace(colour, f"var(--{name})")
    return re.sub(r">\s+<", "><", text).strip()
