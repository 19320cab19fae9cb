"""Rules that follow one another in a circle: refused where a lap raises the price.

A edge says that one seller sets its price to `factor` times that of another. Along a cycle the factors multiply; above 1 every lap is
dearer than the last (0.9983 x 1.270589 = 1.2684 in The Making of a Fly). Looking for one is looking for a positive cycle of the
logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Follow:
    """`follower` sets its price to `factor` times that of `followed`; `anchored` where cost or demand bounds it too."""

    follower: str
    followed: str
    factor: float
    anchored: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a set of rules is refused: `loop` (with its sellers and their product), `no_anchor`, or `factor`."""

    code: str
    sellers: tuple[str, ...]
    product: float


def refused(rules: Sequence[Follow], tolerance: float = 1e-9) -> tuple[Refused, ...]:
    """Every reason to refuse a set of rules: a factor that is none, one without anchor, and a cycle whose product exceeds 1."""
    odd = [Refused("factor", (rule.follower, rule.followed), rule.factor) for rule in rules if not 0.0 < rule.factor < math.inf]
    loose = [Refused("no_anchor", (rule.follower,), rule.factor) for rule in rules if not rule.anchored]
    cycle = None if odd else _rising_cycle(rules, tolerance)
    return (*odd, *loose, *([] if cycle is None else [cycle]))


def _rising_cycle(rules: Sequence[Follow], tolerance: float) -> Refused | None:
    """A cycle whose product exceeds 1, by Bellman and Ford's relaxation of -log(factor); None where there is none."""
    sellers = sorted({name for rule in rules for name in (rule.follower, rule.followed)})
    height, came = dict.fromkeys(sellers, 0.0), dict[str, Follow]()
    last = None
    for _ in sellers:
        last = None
        for rule in rules:
            reached = height[rule.followed] + math.log(rule.factor)
            if reached > height[rule.follower] + tolerance:
                height[rule.follower], came[rule.follower], last = reached, rule, rule.follower
    return None if last is None else _trace(last, came, len(sellers))


def _trace(last: str, came: dict[str, Follow], laps: int) -> Refused:
    """The cycle that leads to a seller whose height still rose: far enough back, one is on it."""
    seller = last
    for _ in range(laps):
        seller = came[seller].followed
    path, product, start = [seller], came[seller].factor, seller
    seller = came[seller].followed
    while seller != start:
        path.append(seller)
        product *= came[seller].factor
        seller = came[seller].followed
    return Refused("loop", tuple(path), product)
