"""Rules that bind prices to one another."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.rule import Ties
from pricesmith.rules import _groups
from pricesmith.rules.apply import check, ties
from pricesmith.testing.items import hard_items, hard_ladder
from tests.unit.rules.shelf import EUR, ints, items, ladder, rule, rules


def pairs(kind: str, shelf: object, **fields: object) -> set[tuple[int, int, float, float]]:
    tied = rule(kind, **fields).ties(shelf, EUR)  # type: ignore[arg-type]
    return (
        set() if tied is None else set(zip(tied.first.tolist(), tied.second.tolist(), tied.low.tolist(), tied.high.tolist(), strict=True))
    )


def test_same_price_is_a_chain_within_a_zone() -> None:
    shelf = items(*({"family": "f"} for _ in range(3)), {"family": "f", "region": "FR"}, {"family": "g"}, {"family": None})
    assert pairs("same_price", shelf, by="family") == {(0, 1, 1, 1), (1, 2, 1, 1)}
    assert pairs("same_price", shelf, by="family", everywhere=True) == {(0, 1, 1, 1), (1, 2, 1, 1), (2, 3, 1, 1)}
    assert pairs("same_price", shelf, by="family", where={"sku": "S0"}) == set()


def test_a_member_never_leaves_its_group_alone() -> None:
    shelf = items(*({"family": "f", "current_price": price} for price in (1000, 1000, 1200)))
    same = rules({"kind": "same_price", "by": "family"})
    assert check(same, shelf, ints(1000, 1000, 1200), EUR).tolist() == [[False, False, False]]
    assert check(same, shelf, ints(1200, 1000, 1200), EUR).tolist() == [[True, False, False]]
    assert check(same, shelf, ints(1200, 1200, 1200), EUR).tolist() == [[False, False, False]]
    assert check(same, shelf, ints(1100, 1100, 1200), EUR).tolist() == [[True, True, False]]


def test_items_without_a_price_or_not_for_sale_are_not_bound() -> None:
    shelf = items({"family": "f"}, {"family": "f", "current_price": None}, {"family": "f", "active": 0}, {"family": "f"})
    assert pairs("same_price", shelf, by="family") == {(0, 3, 1, 1)}


def test_zone_parity() -> None:
    shelf = items({"sku": "A"}, {"sku": "A", "region": "FR"}, {"sku": "A", "channel": "shop"}, {"sku": "B"})
    wide = (1 / 1.1, 1.1)
    assert pairs("zone_parity", shelf, tolerance=0.1) == {(0, 1, *wide), (0, 2, *wide), (1, 2, *wide)}
    assert pairs("zone_parity", shelf, tolerance=0.1, across="region") == {(0, 1, *wide)}
    assert pairs("zone_parity", shelf, tolerance=0.1, across="channel") == {(0, 2, *wide)}


BRANDS = (
    {"family": "f", "brand": "own-x", "pack_size": 2.0},
    {"family": "f", "brand": "big", "pack_size": 4.0},
    {"family": "f", "brand": "big"},
)


def test_brand_gap() -> None:
    gap = {"gap": "brand", "of": {"brand": "own*"}, "to": {"brand": "big"}, "max_ratio": 0.9}
    assert pairs("relation", items(*BRANDS), **gap) == {(1, 0, 0, 0.9), (2, 0, 0, 0.9)}
    assert pairs("relation", items(*BRANDS), **gap, per_unit=True) == {(1, 0, 0, 0.45)}
    assert pairs("relation", items(*BRANDS), **{**gap, "to": {"brand": "own*"}}) == set(), "an item is not beside itself"


def test_size_gap_compares_neighbouring_sizes() -> None:
    shelf = items(*({"family": "f", "pack_size": size} for size in (6.0, 1.0, 12.0, 6.0, None, 0.0)), {"family": "g", "pack_size": 1.0})
    assert pairs("relation", shelf, gap="size") == {(1, 0, 0, 6), (1, 3, 0, 6), (0, 2, 0, 2), (3, 2, 0, 2)}
    assert pairs("relation", shelf, gap="size", min_ratio=0.5, max_ratio=0.75) == {
        (1, 0, 3, 4.5),
        (1, 3, 3, 4.5),
        (0, 2, 1, 1.5),
        (3, 2, 1, 1.5),
    }


def test_line_skips_missing_steps() -> None:
    shelf = items(*({"family": "f", "role": role} for role in ("best", "good", "key", None)))
    line = {"gap": "line", "order": ["good", "better", "best"]}
    assert pairs("relation", shelf, **line) == {(1, 0, 1, np.inf)}
    assert pairs("relation", shelf, **line, min_ratio=1.1, max_ratio=2.0) == {(1, 0, 1.1, 2.0)}
    assert pairs("relation", shelf, gap="line", order=["S1", "S0"], column="sku") == {(1, 0, 1, np.inf)}
    assert pairs("relation", items({}), **line) == set()


def test_too_many_pairs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_groups, "MAX_PAIRS", 1)
    with pytest.raises(PolicyError, match="2 pairs of products"):
        pairs("relation", items(*BRANDS), gap="brand", of={"brand": "own*"}, to={"brand": "big"}, max_ratio=0.9)


def test_ties_of_all_rules_in_one() -> None:
    shelf = items({"family": "f"}, {"family": "f"}, {"sku": "S0", "region": "FR"})
    tied = ties(rules({"kind": "same_price", "by": "family"}, {"kind": "zone_parity", "tolerance": 0.0}, {"kind": "exclude"}), shelf, EUR)
    assert tied is not None and list(zip(tied.first, tied.second, strict=True)) == [(0, 1), (0, 2)]
    assert ties(rules({"kind": "exclude"}), shelf, EUR) is None


def test_a_soft_tie_gives_way_where_no_two_prices_meet_it() -> None:
    shelf = items({"family": "f", "current_price": 1000}, {"family": "f", "current_price": 1200}, {"family": "f", "current_price": None})
    soft = rules({"kind": "same_price", "by": "family", "hard": False})
    steps = ladder(shelf, 1000, 1100, 1200)
    apart = np.array([[True, True, False], [False, False, True], [False, False, False]])
    assert ties(soft, shelf, EUR, steps, apart) is None
    assert ties(soft, shelf, EUR, steps, steps.valid) is not None
    assert ties(rules({"kind": "same_price", "by": "family"}), shelf, EUR, steps, apart) is not None
    line = rules({"kind": "relation", "gap": "line", "column": "sku", "order": ["S0", "S1"], "hard": False})
    assert ties(line, shelf, EUR, steps, apart) is not None


def test_soft_ties_against_every_pair_of_prices() -> None:
    """Which soft pairs give way, by trying all prices of one with all of the other."""
    rng = np.random.default_rng(5)
    shelf = hard_items(rng, 120)
    steps = hard_ladder(rng, shelf, 8)
    valid = steps.valid & (rng.random(steps.valid.shape) < 0.3)
    usable = valid.copy()
    known = np.flatnonzero(steps.current >= 0)
    usable[known, steps.current[known]] = True
    seen = 0
    for plain in (
        {"kind": "zone_parity", "tolerance": 0.02},
        {"kind": "relation", "gap": "size", "min_ratio": 0.9},
        {"kind": "same_price", "by": "family"},
    ):
        every = rules(plain)[0].ties(shelf, EUR)
        assert every is not None
        meets = []
        for pair in range(every.first.size):
            one = Ties(*(part[pair : pair + 1] for part in (every.first, every.second, every.low, every.high)))
            combos = itertools.product(steps.prices[one.first[0]][usable[one.first[0]]], steps.prices[one.second[0]][usable[one.second[0]]])
            meets.append(any(one.met_by(ints(a), ints(b))[0] for a, b in combos))
        left = ties(rules({**plain, "hard": False}), shelf, EUR, steps, valid)
        kept = set() if left is None else set(zip(left.first.tolist(), left.second.tolist(), strict=True))
        assert kept == {(a, b) for a, b, meet in zip(every.first.tolist(), every.second.tolist(), meets, strict=True) if meet}
        seen += len(meets) - sum(meets)
    assert seen > 20
