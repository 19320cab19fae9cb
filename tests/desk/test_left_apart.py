"""Rules between products that stay broken, as today's prices broke them: Today, the run and both products tell."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.contracts.rule import Context, Ties
from pricesmith.flows.desk.approval.left_apart import apart
from pricesmith.rules.relation import Relation
from pricesmith.rules.same_price import SamePrice
from pricesmith.rules.together import untied

from .place import day, place, priced_anew

pytestmark = pytest.mark.real  # long

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
ITEMS = pl.DataFrame({"sku": list("abcd"), "family": ["f", "f", "f", "g"], "current_price": [100, 90, 90, 70]}).with_columns(
    active=pl.lit(1), pack_size=pl.lit(1.0), channel=pl.lit("x"), region=pl.lit("y"), brand=pl.lit(None, pl.String)
)
AT = Context(day("2026-01-01"), "EUR", "net")


def text(client: TestClient, address: str, language: str = "en") -> str:
    found = client.get(address, headers={**HTML, "Accept-Language": language})
    assert found.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", found.text)))


def told(client: TestClient, address: str) -> Any:
    return client.get(address, headers=JSON).json()


@pytest.mark.parametrize(("language", "title"), [("en", "Rules between products that stay broken"), ("zh", "商品之间的规则仍被违反")])
def test_a_relation_that_no_allowed_price_mends_is_told_with_what_it_would_need(tmp_path: Path, language: str, title: str) -> None:
    desk = place(tmp_path / "shop")
    client, reading = desk.client("viewer"), desk.desk.reading
    assert told(client, "/")["apart"] == [] and title not in text(client, "/", language)
    prices = reading.run(desk.run).decided.select("sku", "current_price").unique("sku").sort("current_price")
    (cheap, low), (dear, high) = prices.row(0), prices.row(-1)
    assert high > 2 * low, "one step cannot mend it"
    path = desk.folder / "data" / "products.csv"
    pl.read_csv(path, infer_schema=False).with_columns(family=pl.lit("one")).write_csv(path)
    rule = f'\n[[rule]]\nkind = "relation"\ngap = "brand"\nof = {{ sku = "{dear}" }}\nto = {{ sku = "{cheap}" }}\nmax_ratio = 0.9\n'
    run = priced_anew(desk, rule)
    (one,) = apart(reading, run)
    pair = one.examples[0]
    assert (one.rule, one.groups, pair.side, pair.one.sku, pair.other.sku) == ("relation", False, "above", dear, cheap)
    assert pair.one.price > 0.9 * pair.other.price >= pair.one.needed > 0.9 * pair.other.price - 1
    assert pair.other.needed - 1 < pair.one.price / 0.9 <= pair.other.needed
    assert told(client, "/")["apart"] == told(client, f"/runs/{run}")["one"]["apart"]
    assert told(client, "/")["apart"][0]["count"] == one.count
    for address in ("/", f"/runs/{run}"):
        assert title in text(client, address, language) and dear in text(client, address, language)
    page = f"/products/{dear}?channel={pair.one.channel}&region={pair.one.region}"
    assert told(client, page)["apart"][0]["other"]["sku"] == cheap
    shown = text(client, page, language)
    for minor in (pair.one.price, pair.other.price, pair.one.needed, pair.other.needed):
        assert f"{minor / 100:.2f}" in shown
    if language == "en":
        assert f"would need at most {pair.one.needed / 100:.2f} here, or of " in shown
        back = text(client, f"/products/{cheap}?channel={pair.other.channel}&region={pair.other.region}")
        assert f"would need at least {pair.other.needed / 100:.2f} here, or of " in back
    free = reading.run(run).decided.filter(~pl.col("sku").is_in([dear, cheap]))["sku"][0]
    assert told(client, f"/products/{free}")["apart"] == []


def test_prices_that_keep_to_a_rule_are_not_told_and_soft_rules_say_nothing() -> None:
    rule = Relation(gap="brand", of={"sku": "b"}, to={"sku": "a"}, max_ratio=0.9)
    assert untied((rule,), ITEMS, np.array([100, 90, 90, 70]), AT) == []
    (found,) = untied((rule,), ITEMS, np.array([99, 90, 90, 70]), AT)
    assert (found.rule, found.groups, found.pairs.first.tolist(), found.pairs.second.tolist()) == ("relation", False, [0], [1])
    soft = Relation(gap="brand", of={"sku": "b"}, to={"sku": "a"}, max_ratio=0.9, hard=False)
    assert untied((soft,), ITEMS, np.array([99, 90, 90, 70]), AT) == []


def test_a_group_without_one_price_counts_once() -> None:
    (found,) = untied((SamePrice(by="family"),), ITEMS, np.array([100, 90, 80, 70]), AT)
    assert found.groups and isinstance(found.pairs, Ties) and found.pairs.first.size == 1
    assert untied((SamePrice(by="family"),), ITEMS, np.array([90, 90, 90, 70]), AT) == []
