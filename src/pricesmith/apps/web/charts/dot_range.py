"""Dots with their ranges, a line each: elasticities by category, losses of forecasters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from markupsafe import Markup, escape

from pricesmith.apps.report.numbers import wide

from . import axes

LINE, MORE, LEFT, FITS = 20.0, 17.0, 230.0, 23
"""Height of a line, and of a second line of its name; width of the name in pixels; letters of it that fit, a wide one (Chinese) is two."""


def dot_range(rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str], zero: bool = False) -> Markup:
    """One line a row, the first one on top.

    rows   `label`, `value`; perhaps `low` and `high` (its range), `other` (a value to compare with), `main` (this one is meant)
    texts  `said`, `x`
    zero   the axis begins at 0
    """
    values = [row[name] for row in rows for name in ("value", "low", "high", "other") if row.get(name) is not None]
    heights = [LINE + MORE * (len(lines_of(str(row["label"]))) - 1) for row in rows]
    whole = sum(heights) or LINE
    reach = axes.snapped(*axes.padded(values, zero=zero), 5)
    field = axes.frame(reach, (0.0, whole), width=560.0, height=whole + 56.0, left=LEFT, top=4.0)
    marks = axes.ended(field.x, most=5)
    parts = [f'<line class="grid" x1="{field.x(one)}" x2="{field.x(one)}" y1="{field.top}" y2="{field.bottom}"/>' for one, _ in marks]
    for row, height, end in zip(rows, heights, accumulate(heights), strict=True):
        parts += line(field, whole - end + height / 2, row)
    return axes.svg(field, texts["said"], [*parts, *axes.bottom(field, marks, texts["x"])])


def line(field: axes.Frame, height: float, row: Mapping[str, Any]) -> list[str]:
    """Name, range and dots of one row at a height."""
    y = field.y(height)
    name = str(row["label"])
    told = lines_of(name)
    first = y + 4 - MORE * (len(told) - 1) / 2
    texts = "".join(axes.label(LEFT - 8, first + MORE * number, text, "tick", "end") for number, text in enumerate(told))
    parts = [f"<g><title>{escape(name)}</title>{texts}</g>"]
    if row.get("low") is not None and row.get("high") is not None:
        parts.append(f'<line class="span" x1="{field.x(row["low"])}" x2="{field.x(row["high"])}" y1="{y}" y2="{y}"/>')
    if row.get("other") is not None:
        parts.append(axes.dot(field, row["other"], height, "candidate out", 4.0))
    return [*parts, axes.dot(field, row["value"], height, "new" if row.get("main") else "candidate", 4.5, f"{name}: {row['value']:.3g}")]


def lines_of(name: str) -> list[str]:
    """A name in one line where it fits, else in two, broken after a part of it where that can be; what is longer still is shortened."""
    if wide(name) <= FITS:
        return [name]
    start = _fitting(name, FITS)
    cut = max((place + 1 for place, letter in enumerate(start) if letter in "/- "), default=len(start))
    cut = cut if wide(name[cut:]) <= FITS else len(start)
    return [name[:cut].rstrip(), shortened(name[cut:].lstrip())]


def shortened(name: str) -> str:
    """A name that fits; of a long one both ends stay, for the end of a path says most."""
    if wide(name) <= FITS:
        return name
    start = _fitting(name, FITS // 3)
    return f"{start}…{_fitting(name[::-1], FITS - 1 - wide(start))[::-1]}"


def _fitting(name: str, columns: int) -> str:
    """As much of the beginning of a name as fits."""
    return name[: sum(width <= columns for width in accumulate(wide(letter) for letter in name))]
