"""What hard rules between products tie together and prices keep apart."""

from __future__ import annotations

import pytest

from pricesmith.rules.together import untied
from tests.unit.rules.shelf import EUR, ints, items, rules

GAP = {"kind": "relation", "gap": "brand", "of": {"sku": "own"}, "to": {"sku": "big"}, "max_ratio": 0.9}
ONE = {"kind": "same_price", "by": "family"}


@pytest.mark.parametrize(("prices", "broken"), [((900, 1000), False), ((901, 1000), True), ((1000, 900), True)])
def test_a_ratio_that_is_not_kept_is_told_with_its_pair(prices: tuple[int, int], broken: bool) -> None:
    shelf = items({"sku": "own", "family": "f"}, {"sku": "big", "family": "f"})
    found = untied(rules({"kind": "max_change", "step": 0.1}, GAP), shelf, ints(*prices), EUR)
    assert [(one.rule, one.groups, one.pairs.first.size) for one in found] == ([("relation", False, 1)] if broken else [])
    if broken:
        assert {int(found[0].pairs.first[0]), int(found[0].pairs.second[0])} == {0, 1}
    assert untied(rules(GAP | {"hard": False}), shelf, ints(901, 1000), EUR) == []


def test_of_each_group_that_should_have_one_price_a_single_pair_is_told() -> None:
    shelf = items(*({"family": family} for family in ("a", "a", "a", "b", "b", "c")))
    apart = untied(rules(ONE), shelf, ints(100, 200, 300, 500, 500, 700), EUR)
    assert [(one.rule, one.groups, one.pairs.first.size) for one in apart] == [("same_price", True, 1)]
    assert {*apart[0].pairs.first.tolist(), *apart[0].pairs.second.tolist()} <= {0, 1, 2}
    both = untied(rules(ONE), shelf, ints(100, 200, 300, 500, 600, 700), EUR)
    assert both[0].pairs.first.size == 2
    assert untied(rules(ONE), shelf, ints(100, 100, 100, 500, 500, 700), EUR) == []


def test_the_pair_of_a_group_is_its_lowest_and_its_highest_price() -> None:
    """Whatever lies between them could meet; these two say how far it is to one price."""
    shelf = items(*({"family": family} for family in ("a", "b", "a", "a", "b", "a")))
    (apart,) = untied(rules(ONE), shelf, ints(1892, 900, 1851, 2451, 700, 1851), EUR)
    assert (apart.pairs.first.tolist(), apart.pairs.second.tolist()) == ([2, 4], [3, 1])
    assert apart.pairs.low.tolist() == apart.pairs.high.tolist() == [1.0, 1.0]
