"""Why fewer or more units are expected than were sold lately: on Today for the shop, on the page of a product for the product."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricesmith.flows.desk.today.page import today
from tests.desk.place import Place, place

pytestmark = pytest.mark.real  # long


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("outlook") / "shop")


def adds_up(told: dict[str, Any]) -> bool:
    return bool(told["sold"] + sum(step["effect"] for step in told["steps"]) == pytest.approx(told["expected"], abs=1e-9))


def shown(client: Any, address: str, language: str, **asked: str) -> str:
    """The sentence on the page."""
    text = client.get(address, params=asked, headers={"Accept": "text/html", "Accept-Language": language}).text
    return str(text[text.index('id="outlook"') :].partition("</p>")[0])


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Units a day, sold since", "The difference:")), ("zh", ("日均销量：自 ", "两者之差"))]
)
def test_today_leads_from_what_was_sold_to_what_is_expected(desk: Place, language: str, words: tuple[str, str]) -> None:
    client = desk.client()
    told = client.get("/", headers={"Accept": "application/json"}).json()["outlook"]
    sums, _ = desk.desk.reading.sums(desk.run)
    assert adds_up(told) and told["expected"] == pytest.approx(sums.units[0])
    line = shown(client, "/", language)
    assert all(word in line for word in words)
    steps = [step["effect"] for step in told["steps"] if abs(step["effect"]) >= 0.05]
    assert [float(one) for one in re.findall(r'<data value="([^"]*)"', line)] == [told["sold"], told["expected"], *steps]


@pytest.mark.parametrize(
    ("language", "proposed", "expected", "others"),
    [
        ("en", "at the proposed price,", "expected at", "while its related products keep today&#39;s prices"),
        ("zh", "按建议价格", "的预期", "关联商品维持当前价格"),
    ],
)
def test_a_product_tells_its_own_and_at_which_price(desk: Place, language: str, proposed: str, expected: str, others: str) -> None:
    client = desk.client()
    run = desk.desk.reading.run(desk.run).decided
    for action in ("change", "keep"):
        row = run.filter(pl.col("action") == action).row(0, named=True)
        asked = {"channel": row["channel"], "region": row["region"]}
        told = client.get(f"/products/{row['sku']}", params=asked, headers={"Accept": "application/json"}).json()["outlook"]
        assert adds_up(told)
        line = shown(client, f"/products/{row['sku']}", language, **asked)
        assert expected in line and f"{row['current_price'] / 100:.2f}" in line
        assert f'<data value="{told["expected"]}">' in line
        text = client.get(f"/products/{row['sku']}", params=asked, headers={"Accept": "text/html", "Accept-Language": language}).text
        lead = text[text.index('id="expected"') :].partition("</p>")[0]
        assert (proposed in lead) == (action == "change") and f'<data value="{row["price"]}">' in lead
        said = [float(one) for one in re.findall(r'<data value="([^"]*)"', lead)]
        if action == "keep":
            assert told["expected"] == pytest.approx(said[1]), "before its related products change"
        assert said[2] == pytest.approx(row["expected_units"]) and others in lead and others in line and "1 " in lead


def test_the_products_add_up_to_the_shop(desk: Place) -> None:
    client, reading = desk.client(), desk.desk.reading
    whole = today(reading, reading.now()).outlook
    assert whole is not None
    keys = reading.run(desk.run).decided.filter(pl.col("current_price") > 0).select("sku", "channel", "region").rows()
    asked = {"Accept": "application/json"}
    parts = [
        client.get(f"/products/{sku}", params={"channel": channel, "region": region}, headers=asked).json()["outlook"]
        for sku, channel, region in keys
    ]
    assert sum(one["sold"] for one in parts) == pytest.approx(whole.sold) and sum(one["expected"] for one in parts) == pytest.approx(
        whole.expected
    )


def test_a_model_that_cannot_tell_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = place(tmp_path / "shop")  # one that has not asked the model before
    monkeypatch.delattr("pricesmith.demand.response.ResponseDemand.bridge")
    assert today(desk.desk.reading, desk.desk.reading.now()).outlook is None
    assert 'id="outlook"' not in desk.client().get("/", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figures_of_the_sentence_add_up_as_they_are_shown(desk: Place, language: str) -> None:
    client, reading = desk.client(), desk.desk.reading
    keys = reading.run(desk.run).decided.filter(pl.col("current_price") > 0).select("sku", "channel", "region").rows()
    for sku, channel, region in [("", "", ""), *keys]:
        asked = {"channel": channel, "region": region} if sku else {}
        line = shown(client, f"/products/{sku}" if sku else "/", language, **asked)
        told = [float(one.replace("−", "-").replace(",", "")) for one in re.findall(r"<data[^>]*>([^<]*)</data>", line)]
        start, end, *steps = told
        assert start + sum(steps) == pytest.approx(end, abs=1e-6 if steps else 0.0101), (sku, line)


def test_the_largest_changes_lead_to_the_question_of_changing_no_more(desk: Place) -> None:
    """That question answers with nine tenths of the gain or more: the best so many are chosen."""
    client = desk.client()
    told = client.get("/", headers={"Accept": "application/json"}).json()["worth"]
    few = told["largest"]["count"]
    page = client.get("/", headers={"Accept": "text/html"}).text
    said, asked = f"90 % of the gain comes from the {few} largest", f"/what-if?changes=change_budget%3Fmost%3D{few}"
    assert said in page and f'href="{asked}"' in page
    plans = {one["plan"]: one for one in client.get(asked, headers={"Accept": "application/json"}).json()["plans"]}
    assert plans["mine"]["profit"] - plans["nothing"]["profit"] >= 0.9 * told["profit_change"] - 1e-9, plans
