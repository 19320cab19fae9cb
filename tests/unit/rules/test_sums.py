"""Rules about sums over many items."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pricesmith.contracts.rule import Coupling
from pricesmith.rules._sums import kept_to
from pricesmith.rules.apply import check, couplings
from tests.unit.rules.shelf import EUR, ints, items, rule, rules


def test_change_budget() -> None:
    shelf = items({}, {}, {}, {"current_price": None})
    budget = rules({"kind": "change_budget", "max_changes": 2})
    assert not check(budget, shelf, ints(900, 900, 1000, 0), EUR).any()
    assert check(budget, shelf, ints(900, 900, 900, 0), EUR).tolist() == [[True, True, True, False]]
    coupling = budget[0].couplings(shelf, EUR)
    assert coupling is not None and coupling.group.tolist() == [0, 0, 0, -1] and coupling.upper.tolist() == [2.0]


def test_index_limit_by_equal_weights() -> None:
    shelf = items({}, {"current_price": 2000})
    limit = rules({"kind": "index_limit", "max_move": 0.05, "weights": "equal"})
    assert not check(limit, shelf, ints(1100, 2000), EUR).any()
    assert not check(limit, shelf, ints(1200, 1800), EUR).any(), "moves cancel"
    assert check(limit, shelf, ints(1110, 2000), EUR).tolist() == [[True, False]]
    assert check(limit, shelf, ints(890, 2000), EUR).tolist() == [[True, False]]


def test_index_limit_by_revenue_needs_expected_units() -> None:
    shelf = items({}, {"current_price": 2000})
    limit = rules({"kind": "index_limit", "max_move": 0.05})
    assert check(limit, shelf, ints(1001, 2000), EUR).tolist() == [[True, False]], "unknown is no permission"
    known = dataclasses.replace(EUR, units_now=np.array([6.0, 1.0]))  # revenue 6000 beside 2000
    assert not check(limit, shelf, ints(1060, 2000), known).any()
    assert check(limit, shelf, ints(1070, 2000), known).tolist() == [[True, False]]
    assert limit[0].couplings(shelf, EUR).weights is None  # type: ignore[union-attr]


def test_an_index_of_products_that_ask_nothing_is_unknown_and_no_permission() -> None:
    shelf = items({"current_price": 0}, {"current_price": 0})
    limit = rules({"kind": "index_limit", "max_move": 0.05})
    known = dataclasses.replace(EUR, units_now=np.array([6.0, 1.0]))
    assert check(limit, shelf, ints(1, 1), known).all()


def test_nobody_takes_part() -> None:
    shelf = items({"current_price": None})
    for plain in (
        {"kind": "index_limit", "max_move": 0.0, "weights": "equal"},
        {"kind": "category_floor", "quantity": "margin", "share": 0.9},
    ):
        assert not check(rules(plain), shelf, ints(0), EUR).any()


def test_category_floor_groups() -> None:
    shelf = items({"category": "b/x"}, {"category": "a"}, {"category": "b"}, {"category": ""}, {"category": "a/y", "landed_cost": None})
    by_level = {level: rule("category_floor", quantity="margin", share=0.9, level=level).couplings(shelf, EUR) for level in (0, 1, 2)}
    assert by_level[0].names == ("all",) and by_level[0].group.tolist() == [0, 0, 0, 0, -1]
    assert by_level[1].names == ("a", "b") and by_level[1].group.tolist() == [1, 0, 1, -1, -1]
    assert by_level[2].names == ("a", "b", "b/x") and by_level[2].group.tolist() == [2, 0, 1, -1, -1]
    assert rule("category_floor", quantity="revenue", share=0.9).couplings(shelf, EUR).group.tolist() == [1, 0, 1, -1, 0]


def test_category_floor() -> None:
    shelf = items({"tax_rate": 0.25, "fee_rate": 0.1, "return_rate": 0.5}, {"category": "toys"})
    known = dataclasses.replace(EUR, units_now=np.array([10.0, 1.0]), units_then=np.array([8.0, 1.0]))
    revenue = rules({"kind": "category_floor", "quantity": "revenue", "share": 0.9})
    margin = rules({"kind": "category_floor", "quantity": "margin", "share": 0.9})
    # revenue: 10 * .5 * 800 = 4000 before; 8 * .5 * price / 1.25 after, so 1125 is the least price that brings 3600
    assert check(revenue, shelf, ints(1125, 900), known).tolist() == [[False, False]]
    assert check(revenue, shelf, ints(1124, 900), known).tolist() == [[True, False]]
    # margin: 10 * .5 * (720 - 500) = 1100 before; 8 * .5 * (.72 price - 500) >= 990 from 1038.2
    assert check(margin, shelf, ints(1039, 1000), known).tolist() == [[False, False]]
    assert check(margin, shelf, ints(1038, 1000), known).tolist() == [[True, False]]
    assert check(revenue, shelf, ints(1125, 900), EUR).tolist() == [[True, True]], "unknown is no permission"


def test_a_loss_may_grow_by_the_share_that_a_gain_may_shrink() -> None:
    shelf = items({"landed_cost": 1100.0})
    known = dataclasses.replace(EUR, units_now=np.array([10.0]), units_then=np.array([10.0]))
    margin = rules({"kind": "category_floor", "quantity": "margin", "share": 0.9})
    assert not check(margin, shelf, ints(990), known).any() and check(margin, shelf, ints(989), known).all()


@pytest.mark.parametrize("today", [0.0, 5.0])
def test_an_upper_share_binds_too(today: float) -> None:
    shelf = items({}, {})
    known = dataclasses.replace(EUR, units_now=np.full(2, today), units_then=np.array([6.0, 0.0]))
    for upper, kept in ((np.inf, True), (1.0, False)):
        bound = Coupling("revenue", ints(0, -1), np.array([-np.inf]), np.array([upper]), ("all",))
        assert kept_to(bound, shelf, ints(1000, 1), known).tolist() == [kept, True]


def test_couplings_carry_the_names_of_their_rules() -> None:
    plain = [{"kind": "change_budget", "max_changes": 2}, {"kind": "exclude"}, {"kind": "change_budget", "max_changes": 1}]
    assert [name for name, _ in couplings(rules(*plain), items({}), EUR)] == ["change_budget", "change_budget:2"]
