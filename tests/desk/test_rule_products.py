"""A rule between products is told with the products that it names, so that two of a kind are told apart."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.web.rule_products import products
from pricesmith.apps.web.words import Words

from .place import Place, place, post, priced_anew


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def text(client: TestClient, address: str, language: str = "en") -> str:
    found = client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert found.status_code == 200, found.text
    return html.unescape(re.sub(r"<[^>]*>", "", found.text))


def between(one: str, other: str) -> str:
    return f'\n[[rule]]\nkind = "relation"\ngap = "brand"\nof = {{ sku = "{one}" }}\nto = {{ sku = "{other}" }}\nmax_ratio = 9.0\n'


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "price relation ({a} to {b})", "price relation (2: {b} to {c})"),
        ("zh", "价格关系（{a} 对 {b}）", "价格关系（2：{b} 对 {c}）"),
    ],
)
def test_two_rules_of_a_kind_are_told_apart_by_their_products(desk: Place, language: str, first: str, second: str) -> None:
    names = dict(zip("abc", desk.desk.reading.run(desk.run).decided["sku"].unique(maintain_order=True).head(3), strict=True))
    run = priced_anew(desk, between(names["a"], names["b"]) + between(names["b"], names["c"]))
    eve = desk.client("admin", "eve")
    for address in ("/rules", f"/products/{names['b']}?run={run}"):
        shown = text(eve, address, language)
        assert first.format(**names) in shown and second.format(**names) in shown, address
    assert first.format(**names) not in text(eve, f"/products/{names['b']}?run={desk.run}", language), "of the run that is shown"


def test_a_draft_is_told_by_its_own_rules(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    a, b = desk.desk.reading.run(desk.run).decided["sku"].unique(maintain_order=True).head(2)
    given = {"kind": "relation", "field_gap": "brand", "field_max_ratio": "90"}
    done = post(eve, "/rules/rule", **given, field_of=a, field_to=b)
    assert f"price relation ({a} to {b})" in text(eve, done.headers["location"])
    assert f"price relation ({a} to {b})" not in text(eve, "/rules")
    form = eve.get(done.headers["location"] + "&add=relation", headers={"Accept": "text/html"}).text
    assert "<summary><b>price relation</b></summary>" in form, "one that is to be added has no products yet"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"of": {"sku": "A"}, "to": {"brand": "B*", "region": "north"}}, "A to B*, north"),
        ({"where": {"brand": "B"}, "gap": "size"}, "B"),
        ({"gap": "size"}, ""),
        ({"of": {"sku": "A"}}, ""),
    ],
)
def test_only_what_a_rule_names_is_said(settings: dict[str, object], told: str) -> None:
    assert products(Words("en"), settings) == told
