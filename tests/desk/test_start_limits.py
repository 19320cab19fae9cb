"""A floor that the guide asks for in per cent of the price is kept as the mark-up that the rule knows; and how many prices may change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.chosen import on_cost
from tests.desk.guide import WANTED, begun, visitor
from tests.desk.place import post


@pytest.mark.parametrize(
    ("typed", "of", "kept"),
    [("25", "cost", 0.25), ("25", "price", 0.333334), ("50", "price", 1.0), ("65", "price", 1.857143), ("0", "price", 0.0)],
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


@pytest.mark.parametrize(("typed", "kept"), [("300", 300), ("1,200", 1200), ("1 200", 1200), ("", None)])
def test_how_many_prices_may_change_in_a_run_is_a_rule(tmp_path: Path, typed: str, kept: int | None) -> None:
    desk = begun(tmp_path / "shop")
    client = visitor(desk)
    for said, most in (("70", 70), (typed, kept)):
        assert post(client, "/start/choose", **WANTED | {"most": said}).status_code == 303
        rules = [rule for rule in desk.reading.policy.rules if rule.kind == "change_budget"]
        assert [rule.max_changes for rule in rules] == ([] if most is None else [most])  # type: ignore[attr-defined]
        assert client.get("/start?format=json").json()["settings"]["most"] == most


@pytest.mark.parametrize("typed", ["0", "many", "-3", "2.5"])
def test_what_is_no_number_of_prices_is_told_at_its_field(tmp_path: Path, typed: str) -> None:
    desk = begun(tmp_path / "shop")
    client = visitor(desk)
    answer = post(client, "/start/choose", **WANTED | {"most": typed})
    twin = client.get(answer.headers["location"], headers={"Accept": "application/json"}).json()["unkept"]
    assert (twin["field"], twin["given"]["most"]) == ("most", typed)
