"""Where a label of a chart may stand: of some places the first that nothing crosses, else the one that least does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pricesmith.apps.report.numbers import wide

from .axes import GAP, LETTER

Path = Sequence[tuple[float, float]]
"""Points in pixels, ascending in x."""
BOLD, WORSE = 1.15, 10
"""How much wider bold letters may be; how much worse it is to meet a text than to be crossed by a line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text at a place as `axes.label` takes it: its baseline y, and its start or, where `anchor` is "end", its end x."""

    x: float
    y: float
    anchor: str
    text: str

    @property
    def sides(self) -> tuple[float, float]:
        """Left and right, as wide as its letters are on a small screen."""
        long = BOLD * LETTER * wide(self.text) / 2
        return (self.x, self.x + long) if self.anchor == "start" else (self.x - long, self.x)

    @property
    def heights(self) -> tuple[float, float]:
        return self.y - 0.85 * LETTER, self.y + 0.25 * LETTER


def free(places: Sequence[Place], paths: Sequence[Path], taken: Sequence[Place] = ()) -> Place:
    """The first of the places that no path crosses and no other label takes; else the one that fewest do, texts before lines."""
    return min(places, key=lambda place: sum(crosses(place, path) for path in paths) + WORSE * sum(meets(place, other) for other in taken))


def crosses(place: Place, path: Path) -> bool:
    """Whether a line through points runs through the text."""
    top, low = place.heights
    return any(max(ys) >= top and min(ys) <= low for ys in _beside(place.sides, path))


def _beside(sides: tuple[float, float], path: Path) -> Iterator[tuple[float, float]]:
    """The two heights between which each stretch of the line runs within the sides."""
    left, right = sides
    for (x, y), (to_x, to_y) in pairwise(path):
        if to_x >= left and x <= right:
            slope = (to_y - y) / (to_x - x) if to_x > x else 0.0
            yield (y, to_y) if to_x == x else (y + slope * (max(left, x) - x), y + slope * (min(right, to_x) - x))


def meets(place: Place, other: Place) -> bool:
    """Whether two texts overlap, or stand so near in one line that they read as one."""
    (left, right), (top, low) = place.sides, place.heights
    (other_left, other_right), (other_top, other_low) = other.sides, other.heights
    return left < other_right + GAP and other_left < right + GAP and top < other_low and other_top < low
