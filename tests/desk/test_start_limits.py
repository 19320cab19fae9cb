"""A floor that the guide asks for in per cent of the price is kept and shown as that; and how many prices may change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pricesmith.contracts.rule import plain
from tests.desk.guide import WANTED, begun, visitor
from tests.desk.place import post


@pytest.mark.parametrize(
    ("typed", "of", "kept"),
    [("25", "cost", {"min_margin": 0.25}), ("25", "price", {"of_price": 0.25}), ("0", "price", {"of_price": 0.0})],
)
def test_what_a_price_must_earn_is_a_share_of_the_cost_or_of_the_price(tmp_path: Path, typed: str, of: str, kept: dict[str, float]) -> None:
    desk = begun(tmp_path / "shop")
    client = visitor(desk)
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    (desk.reading.folder / "data" / "sales.csv").write_text("date,sku,units,price\n2026-01-05,A,7,5\n", encoding="utf-8")
    for wanted, told in ((kept, (typed, of)), ({"min_margin": 0.07}, ("7", "cost")), (kept, (typed, of))):
        assert post(client, "/start/choose", **WANTED | {"margin": told[0], "margin_of": told[1]}).status_code == 303
        (rule,) = (rule for rule in desk.reading.policy.rules if rule.kind == "margin_floor")
        assert {name: value for name, value in plain(rule).items() if name != "kind"} == wanted
    form = client.get("/start", headers={"Accept": "text/html"}).text.partition('action="/start/choose"')[2].partition("</form>")[0]
    assert re.search(rf'name="margin"[^>]* value="{typed}"', form) and f'<option value="{of}" selected>' in form, (
        "it comes back as it was said"
    )


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
