"""A floor that the guide asks for in per cent of the price is kept as the mark-up that the rule knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.chosen import on_cost
from tests.desk.guide import WANTED, begun, visitor
from tests.desk.place import post


@pytest.mark.parametrize(
    ("typed", "of", "kept"), [("25", "cost", 0.25), ("25", "price", 0.333334), ("50", "price", 1.0), ("0", "price", 0.0)]
)
def test_what_a_price_must_earn_is_a_share_of_the_cost_or_of_the_price(tmp_path: Path, typed: str, of: str, kept: float) -> None:
    desk = begun(tmp_path / "shop")
    client = visitor(desk)
    assert post(client, "/start/choose", **WANTED | {"margin": typed, "margin_of": of}).status_code == 303
    (rule,) = (rule for rule in desk.reading.policy.rules if rule.kind == "margin_floor")
    assert rule.min_margin == kept  # type: ignore[attr-defined]


@given(margin=st.floats(0.0, 0.9))
def test_a_mark_up_leaves_at_least_the_margin_that_was_asked_for(margin: float) -> None:
    cost = 100.0
    price = cost * (1.0 + on_cost(margin))
    assert price - cost >= margin * price - 1e-6
    assert price <= cost / (1.0 - margin) + 1e-4 * cost
