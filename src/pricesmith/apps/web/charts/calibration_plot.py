"""Predicted against realised: one mark a product, on the diagonal where the promise was kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from . import axes

LEAST = 0.01
"""Units a day below which all are drawn alike."""
WIDE = 2.5
"""Powers of ten from which on only they are marked."""


def calibration_plot(points: Sequence[tuple[float, float, bool]], texts: Mapping[str, str]) -> Markup:
    """points: predicted units, realised units, whether inside the 90 % interval; texts: `x`, `y`, `said`. Both axes are logarithmic."""
    logs = [(_log(predicted), _log(realised), inside) for predicted, realised, inside in points]
    marks = [(mark, _text(mark)) for mark in _marks(*axes.padded([value for one in logs for value in one[:2]]))]
    reach = marks[0][0], marks[-1][0]
    one = axes.frame(reach, reach, width=440.0, height=380.0)
    parts = [*axes.left(one, texts["y"], marks, axes.apart), *axes.bottom(one, marks, texts["x"], axes.apart)]
    parts.append(axes.line(one, list(reach), list(reach), "diagonal"))
    parts += [axes.dot(one, x, y, "inside" if inside else "outside", 3.0) for x, y, inside in logs]
    return axes.svg(one, texts["said"], parts)


def _log(value: float) -> float:
    return math.log10(max(value, LEAST))


def _marks(low: float, high: float) -> list[float]:
    """Logs of powers of ten that hold the field, and of 2 and 5 times them where it is narrow."""
    factors = (1.0, 2.0, 5.0) if high - low < WIDE else (1.0,)
    known = [power + math.log10(factor) for power in range(math.floor(low), math.ceil(high) + 1) for factor in factors]
    return [mark for mark in known if max(one for one in known if one <= low) <= mark <= min(one for one in known if one >= high)]


def _text(mark: float) -> str:
    return f"{10.0**mark:.2g}" if mark < 2.0 else f"{10.0**mark:,.0f}"
