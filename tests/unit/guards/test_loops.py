"""Rules that follow in a circle."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from pricesmith.guards.loops import Follow, Refused, refused


def test_what_is_refused() -> None:
    up, down = Follow("a", "b", 1.2), Follow("b", "a", 0.8)
    assert refused([]) == ()
    assert refused([up, down]) == ()
    assert refused([up, Follow("b", "a", 1 / 1.2)]) == ()
    assert refused([up]) == ()
    assert refused([Follow("a", "b", 1.0), Follow("b", "a", 1.0)], tolerance=0.0) == ()
    assert refused([Follow("a", "a", 1.01)]) == (Refused("loop", ("a",), 1.01),)
    assert refused([Follow("a", "b", 1.2, anchored=False)]) == (Refused("no_anchor", ("a",), 1.2),)
    for factor in (0.0, -1.0, math.inf, math.nan):
        found = refused([Follow("a", "b", factor), Follow("b", "a", 9.0)])
        assert [(one.code, one.sellers) for one in found] == [("factor", ("a", "b"))]


def slow(rules: list[Follow]) -> bool:
    """Every cycle of distinct sellers, by enumeration."""
    sellers = sorted({name for one in rules for name in (one.follower, one.followed)})
    best = {}
    for one in rules:
        edge = (one.follower, one.followed)
        best[edge] = max(best.get(edge, 0.0), one.factor)
    for size in range(1, len(sellers) + 1):
        for ring in itertools.permutations(sellers, size):
            steps = [(ring[place], ring[(place + 1) % size]) for place in range(size)]
            if all(step in best for step in steps) and math.prod(best[step] for step in steps) > 1 + 1e-9:
                return True
    return False


@pytest.mark.parametrize("seed", range(60))
def test_beside_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = "abcd"[: int(rng.integers(2, 5))]
    edges = [(one, other) for one in names for other in names if rng.random() < 0.5]
    rules = [Follow(one, other, float(np.exp(rng.normal(-0.1, 0.2)))) for one, other in edges]
    found = refused(rules)
    assert bool(found) == slow(rules)
    for one in found:
        assert one.product > 1
        steps = list(zip(one.sellers, [*one.sellers[1:], one.sellers[0]], strict=True))
        assert len(set(one.sellers)) == len(one.sellers)
        assert one.product == pytest.approx(math.prod(next(r.factor for r in rules if (r.follower, r.followed) == step) for step in steps))
