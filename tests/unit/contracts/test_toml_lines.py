"""A place in shop.toml is found again as a line."""

from __future__ import annotations

import pytest

from pricesmith.contracts.toml_lines import line_of, placed

TEXT = '''\
currency = "EUR"
objective = { profit = 0.7, revenue = 0.3 }
[data]
max_bad_share = 0.1  # share

[[rule]]  # first
kind = "max_change"
step = 0.1
where = { category = "a/*" }
[[ rule ]]
"kind" = "price_endings"
endings = [
  0.99,
  0.49,
]
note = """
step = 9
[[rule]]
"""
[model.max_move]
prior = 0.05
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("$.currency", 1),
        ("$.objective.revenue", 2),
        ("$.data", 3),
        ("$.data.max_bad_share", 4),
        ("$.data.max_age", 3),
        ("$.rule", 6),
        ("$.rule[0].kind", 7),
        ("$.rule[0].step", 8),
        ("$.rule[0].where.category", 9),
        ("$.rule[0].up", 6),
        ("$.rule[1]", 10),
        ("$.rule[1].kind", 11),
        ("$.rule[1].endings[1]", 12),
        ("$.rule[1].step", 10),
        ("$.model.max_move.prior", 21),
        ("$.model", 20),
        ("$.horizon", None),
        ("$", None),
    ],
)
def test_line_of_a_place(place: str, line: int | None) -> None:
    assert line_of(TEXT, place) == line


def test_the_line_joins_the_name_of_the_file() -> None:
    assert placed(TEXT, "my $hop/shop.toml $.rule[0].step") == "my $hop/shop.toml:8 $.rule[0].step"
    assert placed(TEXT, "shop.toml $.horizon") == "shop.toml $.horizon"
    assert placed(TEXT, "shop.toml") == "shop.toml"
