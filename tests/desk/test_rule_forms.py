"""The forms of rules take what people write: products by what the shop calls them, endings by their last digit."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from tests.desk.place import Place, place, post

NINES = [0.09, 0.19, 0.29, 0.39, 0.49, 0.59, 0.69, 0.79, 0.89, 0.99]


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def last(client: TestClient, address: str) -> dict[str, Any]:
    """The last rule of the draft to which an act leads."""
    found = client.get(address, headers={"Accept": "application/json"})
    assert found.status_code == 200, found.text
    return found.json()["rules"][-1]["settings"]  # type: ignore[no-any-return]


def named(desk: Place) -> tuple[str, str]:
    """SKU and name of two products of the shop."""
    rows = desk.desk.reading.run(desk.run).decided.unique("sku", maintain_order=True)
    return str(rows["sku"][0]), str(rows["name"][1])


def test_products_are_named_in_any_writing_and_the_banner_says_what_was_taken(desk: Place) -> None:
    eve, (sku, name) = desk.client("admin", "eve"), named(desk)
    rows = desk.desk.reading.run(desk.run).decided
    other = rows.row(by_predicate=pl.col("name") == name, named=True)["sku"] if (rows["name"] == name).sum() == 1 else ""
    assert other and other != sku
    given = {"kind": "relation", "field_gap": "brand", "field_max_ratio": "90"}
    done = post(eve, "/rules/rule", **given, field_of=f'{{ sku = "{sku}" }}', field_to=name)
    assert done.status_code == 303
    rule = last(eve, done.headers["location"])
    assert (rule["of"], rule["to"]) == ({"sku": sku}, {"sku": other})
    shown = html.unescape(eve.get(done.headers["location"], headers={"Accept": "text/html"}).text)
    assert f"“{name}” was taken as SKU {other}." in shown
    program = post(eve, "/rules/rule?format=json", **given, field_of=sku, field_to=f"sku: {other}").json()
    assert f"“{sku}” was taken as SKU {sku}." in program["taken"]
    both = post(eve, "/rules/rule?format=json", **given, field_of=f"sku={sku}", field_to=f"sku: {other}").json()
    assert "taken" not in both


@pytest.mark.parametrize(("language", "told"), [("en", "is no SKU, product name, category or brand"), ("zh", "不是本店的 SKU")])
def test_what_names_no_product_is_told_at_its_field_with_an_example(desk: Place, language: str, told: str) -> None:
    eve, (sku, _) = desk.client("admin", "eve"), named(desk)
    given = {"kind": "relation", "field_gap": "brand", "field_max_ratio": "90", "field_of": f"{sku}x", "field_to": f"sku = {sku}"}
    asked = post(eve, "/rules/rule", **given)
    assert asked.headers["location"].endswith("#typed")
    form = eve.get(asked.headers["location"], headers={"Accept": "text/html", "Accept-Language": language}).text
    said = html.unescape(re.search('<strong class="bad" role="alert" id="typed">(.*?)</strong>', form)[1])  # type: ignore[index]
    assert told in said and f"sku = {sku}" in said and "sku, channel, region, brand" in said
    assert re.search(f'name="field_of" value="{sku}x"[^>]* aria-invalid="true"', form)


def test_a_last_digit_is_every_ending_that_has_it_as_in_the_guide(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    done = post(eve, "/rules/rule", kind="price_endings", field_endings="*9")
    assert last(eve, done.headers["location"])["endings"] == pytest.approx(NINES)
    refused = post(eve, "/rules/rule?format=json", kind="price_endings", field_endings="7")
    assert refused.status_code == 422 and "no price of today ends so" in refused.json()["detail"]
    assert "*7" in refused.json()["hint"] and refused.json()["where"] == "endings"


def test_endings_that_stand_there_are_not_asked_about_again(desk: Place) -> None:
    eve, path = desk.client("admin", "eve"), desk.folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[[rule]]\nkind = "price_endings"\nendings = [7]\n', encoding="utf-8")
    number = len(eve.get("/rules", headers={"Accept": "application/json"}).json()["rules"]) - 1
    done = post(eve, "/rules/rule?format=json", kind="price_endings", number=number, field_endings="7, 0.99", priority=2)
    assert done.status_code == 200, done.text


@pytest.mark.parametrize(("language", "told"), [("en", "a SKU, product name, category or brand alone will do"), ("zh", "也可只写一个 SKU")])
def test_the_forms_say_what_can_be_written(desk: Place, language: str, told: str) -> None:
    eve, header = desk.client("admin", "eve"), {"Accept": "text/html", "Accept-Language": language}
    assert told in html.unescape(eve.get("/rules?add=relation", headers=header).text)
    assert "*9" in eve.get("/rules?add=price_endings", headers=header).text
