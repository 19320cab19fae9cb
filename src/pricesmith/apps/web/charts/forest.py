"""What runs brought, with their 90 % intervals, beside what they promised: one line a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import axes

LINE = 26.0


def forest(runs: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Markup:
    """runs: rows of calibration.RUNS with known figures, major units a day; texts: `x`, `said`, `brought`, `promised`."""
    values = [row[name] for row in runs for name in ("realised_lo", "realised_hi", "promised")]
    height = 70.0 + LINE * len(runs)
    one = axes.frame(axes.snapped(*axes.padded([*values, 0.0])), (0.0, float(len(runs))), width=560.0, height=height, left=200.0, top=12.0)
    parts = axes.bottom(one, axes.ended(one.x), texts["x"])
    parts.append(axes.upright(one, 0.0, "diagonal"))
    for place, row in enumerate(runs):
        level = len(runs) - place - 0.5
        y = one.y(level)
        parts.append(axes.label(one.x.start - 10, y + 4, row["run"], "tick", "end"))
        parts.append(f'<line class="whisker" x1="{one.x(row["realised_lo"])}" x2="{one.x(row["realised_hi"])}" y1="{y}" y2="{y}"/>')
        parts.append(axes.dot(one, row["realised"], level, "brought", 4.5, texts["brought"]))
        parts.append(axes.diamond(one, row["promised"], level, "said"))
    return axes.svg(one, texts["said"], parts)
