"""Axes of charts: round ticks, linear scales, and the marks that charts are made of. Values in, SVG text out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from pricesmith.apps.report.numbers import wide

Text = Callable[[float], str]
Keep = Callable[[Sequence[tuple[float, float]]], list[int]]
GAP, LETTER = 6.0, 17.0
"""Pixels between a tick's mark and its text; height of a letter on a small screen, where it is largest: half of that is its width."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` lie at pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.start + share * (self.end - self.start), 1)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Frame:
    """The field of a chart: its two scales, in pixels of a picture `width` by `height`."""

    x: Scale
    y: Scale
    width: float
    height: float

    @property
    def top(self) -> float:
        return self.y.end

    @property
    def bottom(self) -> float:
        return self.y.start


def frame(
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    width: float = 520.0,
    height: float = 316.0,
    left: float = 54.0,
    right: float = 12.0,
    top: float = 30.0,
    bottom: float = 50.0,
) -> Frame:
    """A field with room for ticks to the left and below; x and y are (lowest, highest) value."""
    return Frame(Scale(*x, left, width - right), Scale(*y, height - bottom, top), width, height)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within a range, evenly spaced as `stepped` says, at most `most` + 1 of them."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    step = stepped(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) + 0.0 for number in range(first, last + 1)]


def stepped(low: float, high: float, most: int) -> float:
    """The least step, 1, 2 or 5 times a power of ten, of which at most `most` cover a range from one of its multiples to another."""
    power = 10.0 ** math.floor(math.log10((high - low) / most) + 1e-9)
    steps = (factor * ten for ten in (power, 10.0 * power, 100.0 * power) for factor in (1.0, 2.0, 5.0))
    return next(step for step in steps if sum(_whole(low, high, step)) <= most)


def _whole(low: float, high: float, step: float) -> tuple[int, int]:
    """How many steps down from zero, and up from it, a range reaches that is widened to whole ones."""
    return -math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)


def padded(values: Iterable[float], share: float = 0.06, *, zero: bool = False) -> tuple[float, float]:
    """Lowest and highest of the finite values with some room; from 0 on where `zero`."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = (0.0 if zero else min(known)), max(known)
    room = (high - low) * share or abs(high) * share or 1.0
    return low if zero else low - room, high + room


def decimals(marks: Sequence[float]) -> Text:
    """How ticks are written: with just the decimals by which they differ."""
    step = min((after - before for before, after in pairwise(marks)), default=1.0)
    places = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return lambda value: f"{value:,.{places}f}".replace("-", "−")


def snapped(low: float, high: float, most: int = 6) -> tuple[float, float]:
    """The range widened to whole steps of its ticks."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return low, high
    step = stepped(low, high, most)
    down, up = _whole(low, high, step)
    return round(-down * step, 12) + 0.0, round(up * step, 12) + 0.0


def ended(scale: Scale, text: Text | None = None, most: int = 6) -> list[tuple[float, str]]:
    """Round values of an axis with their texts, evenly spaced; both its ends are among them where it is `snapped` with as many."""
    every = ticks(scale.low, scale.high, most)
    write = text or decimals(every)
    return [(value, write(value)) for value in every]


def evenly(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Numbers of the spans that stay: with both ends all of them, every second, third, ..., the most of which no two meet."""
    last = len(spans) - 1
    strides = [stride for stride in range(1, last + 1) if last % stride == 0]
    kept = [list(range(0, last + 1, stride)) for stride in strides]
    return next(
        (each for each in kept if all(spans[b][0] >= spans[a][1] for a, b in pairwise(each))), kept[-1] if kept else [*range(last + 1)]
    )


def apart(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Numbers of the spans (start, end; ascending) that stay: the first, the last, and those between that meet none that stays."""
    if len(spans) < 2:
        return list(range(len(spans)))
    kept, last = [0], len(spans) - 1
    for number in range(1, last):
        if spans[number][0] >= spans[kept[-1]][1] and spans[number][1] <= spans[last][0]:
            kept.append(number)
    return [*kept, last]


def axes(one: Frame, x_label: str, y_label: str, x_text: Text | None = None, y_text: Text | None = None, most: int = 6) -> list[str]:
    """Both axes with their ends and ticks, quiet lines for y, and what each of them counts."""
    return [*left(one, y_label, ended(one.y, y_text, 5)), *bottom(one, ended(one.x, x_text, most), x_label)]


def left(one: Frame, y_label: str, marks: Sequence[tuple[float, str]], keep: Keep = evenly) -> list[str]:
    """The axis to the left with quiet lines, texts at some values as in `bottom`, and what it counts."""
    spans = [(-one.y(value) - LETTER / 2, -one.y(value) + LETTER / 2) for value, _ in marks]
    parts = []
    for value, text in (marks[number] for number in keep(spans)):
        y = one.y(value)
        parts.append(f'<line class="grid" x1="{one.x.start}" x2="{one.x.end}" y1="{y}" y2="{y}"/>')
        parts.append(label(one.x.start - GAP, y + 4, text, "tick", "end"))
    return [*parts, label(one.x.start - 48, one.top - 16, y_label, "axis-label", "start")]


def bottom(one: Frame, marks: Sequence[tuple[float, str]], x_label: str, keep: Keep = evenly) -> list[str]:
    """The axis below, with texts at some values, ascending; `keep` says which stay where some would meet on a small screen."""
    parts = [f'<line class="axis" x1="{one.x.start}" x2="{one.x.end}" y1="{one.bottom}" y2="{one.bottom}"/>']
    half = [LETTER * wide(text) / 4 for _, text in marks]
    middle = [min(max(one.x(value), room), one.width - room) for (value, _), room in zip(marks, half, strict=True)]
    spans = [(x - room - GAP / 2, x + room + GAP / 2) for x, room in zip(middle, half, strict=True)]
    for number in keep(spans):
        x = one.x(marks[number][0])
        parts.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{one.bottom}" y2="{one.bottom + 4}"/>')
        parts.append(label(middle[number], one.bottom + 19, marks[number][1], "tick", "middle"))
    return [*parts, label(one.x.end, one.bottom + 41, x_label, "axis-label", "end")] if x_label else parts


def label(x: float, y: float, text: object, css: str = "", anchor: str = "start") -> str:
    return f'<text class="{css}" x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}">{escape(str(text))}</text>'


def line(one: Frame, xs: Sequence[float], ys: Sequence[float], css: str) -> str:
    """A line through points; it is broken where a value is missing (NaN)."""
    parts, pen = [], "M"
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(y):
            parts.append(f"{pen}{one.x(x)} {one.y(y)}")
        pen = "L" if math.isfinite(y) else "M"
    return f'<path class="{css}" d="{"".join(parts)}"/>'


def band(one: Frame, xs: Sequence[float], low: Sequence[float], high: Sequence[float], css: str) -> str:
    """The field between two lines."""
    there = [f"{one.x(x)} {one.y(y)}" for x, y in zip(xs, high, strict=True)]
    back = [f"{one.x(x)} {one.y(y)}" for x, y in zip(reversed(xs), reversed(low), strict=True)]
    return f'<path class="{css}" d="M{"L".join([*there, *back])}Z"/>'


def zone(one: Frame, low: float, high: float, css: str) -> str:
    """The field over a range of x, cut to the frame; "" where it lies outside."""
    start, end = one.x(max(low, one.x.low)), one.x(min(high, one.x.high))
    size = f'width="{round(end - start, 1)}" height="{one.bottom - one.top}"'
    return f'<rect class="{css}" x="{start}" y="{one.top}" {size}/>' if end > start else ""


def upright(one: Frame, x: float, css: str, y: float | None = None) -> str:
    """A line up from the axis at a value, to another value or to the top."""
    top = one.top if y is None else one.y(y)
    return f'<line class="{css}" x1="{one.x(x)}" x2="{one.x(x)}" y1="{one.bottom}" y2="{top}"/>'


def stem(one: Frame, x: float, low: float, high: float, css: str) -> str:
    """A line from one value up to another."""
    return f'<line class="{css}" x1="{one.x(x)}" x2="{one.x(x)}" y1="{one.y(low)}" y2="{one.y(high)}"/>'


def dot(one: Frame, x: float, y: float, css: str, radius: float = 3.0, hint: str = "") -> str:
    """A round mark; `hint` is shown where the pointer rests on it."""
    inside = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<circle class="{css}" cx="{one.x(x)}" cy="{one.y(y)}" r="{radius}">{inside}</circle>'


def diamond(one: Frame, x: float, y: float, css: str, radius: float = 6.0) -> str:
    left, top = one.x(x), one.y(y)
    return f'<path class="{css}" d="M{left} {round(top - radius, 1)}l{radius} {radius}l-{radius} {radius}l-{radius} -{radius}z"/>'


def bar(one: Frame, x: float, wide: float, y: float, css: str, hint: str = "") -> str:
    """A bar from the axis up to a value, over `wide` units of x."""
    left, right, top = one.x(x), one.x(x + wide), one.y(y)
    inside = f"<title>{escape(hint)}</title>" if hint else ""
    size = f'width="{round(max(right - left - 0.6, 0.8), 1)}" height="{round(max(one.bottom - top, 0.0), 1)}"'
    return f'<rect class="{css}" x="{left}" y="{top}" {size}>{inside}</rect>'


def svg(one: Frame, said: str, parts: Iterable[str], height: float | None = None) -> Markup:
    """The picture; `said` is what it shows, for whoever hears the page."""
    body = "".join(part for part in parts if part)
    box = f"0 0 {one.width:g} {height or one.height:g}"
    return Markup(f'<svg class="chart" viewBox="{box}" role="img" aria-label="{escape(said)}">{body}</svg>')
