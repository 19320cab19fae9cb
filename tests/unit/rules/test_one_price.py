"""Which products rules bind to one price, against a closure by plain loops."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.rules.together import at_one_price, one_price, together
from tests.unit.rules.shelf import EUR, ints, items, rules

SAME, PARITY = {"kind": "same_price", "by": "family"}, {"kind": "same_price", "by": "brand", "everywhere": True}
NEAR = {"kind": "same_price", "by": "role", "hard": False}
SHELF = [
    {"family": "a", "brand": "x", "role": "one"},
    {"family": "a", "brand": None, "role": "one"},
    {"family": "b", "brand": "x", "role": "one"},
    {"family": "c", "brand": "y", "role": "one"},
    {"family": "b", "brand": "y", "role": "one"},
    {"family": "d", "brand": "z", "role": "one"},
]


def closure(shelf: pl.DataFrame, columns: list[str], item: int) -> list[int]:
    found = {item}
    rows = shelf.to_dicts()
    while True:
        more = {
            number
            for number, row in enumerate(rows)
            for member in found
            if any(row[name] is not None and row[name] == rows[member][name] for name in columns)
        }
        if more <= found:
            return sorted(found)
        found |= more


@pytest.mark.parametrize(
    ("bound", "columns"),
    [((SAME,), ["family"]), ((SAME, PARITY), ["family", "brand"]), ((PARITY, NEAR), ["brand"]), ((NEAR,), [])],
)
def test_products_are_bound_over_every_chain_of_hard_rules(bound: tuple[dict[str, object], ...], columns: list[str]) -> None:
    shelf = items(*SHELF)
    known = together(rules(*bound), shelf, ints(*shelf["current_price"]), EUR)
    for item in range(shelf.height):
        assert at_one_price(known, item).tolist() == closure(shelf, columns, item)
    groups = one_price(rules(*bound), shelf, EUR).tolist()
    assert groups == [-1 if len(group := closure(shelf, columns, item)) == 1 else min(group) for item in range(shelf.height)]


def test_a_tie_that_leaves_room_binds_to_no_one_price() -> None:
    shelf = items({"sku": "A"}, {"sku": "A", "region": "FR"}, {"sku": "B"})
    known = together(rules({"kind": "zone_parity", "tolerance": 0.1}), shelf, ints(1000, 1000, 1000), EUR)
    assert known.ties and at_one_price(known, 0).tolist() == [0]
    assert one_price(rules({"kind": "zone_parity", "tolerance": 0.1}), shelf, EUR).tolist() == [-1, -1, -1]
