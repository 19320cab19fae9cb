"""What is pulled from each contract-tested platform stands in a shop folder that is accepted, row for row."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.errors import ShopBusy
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Surroundings
from pricesmith.contracts.tables import INPUT
from pricesmith.testing.fake_shop import START, VirtualClock
from tests.shop_folders import load
from tests.shops.benches import policy_of

Rows = dict[str, list[dict[str, str | None]]]
THING = {"name": "Lamp", "slug": "lamp", "status": "publish"}
SINCE = dt.datetime(2026, 2, 1, 12, 30, 45, 500_000, tzinfo=dt.UTC)


def served(
    platform: str, pages: dict[str, Any], *, currency: str = "EUR", secret: str = "a-secret of-mine", **more: Any
) -> tuple[Any, list[str]]:
    """A shop whose platform answers by the first key found in address or body, and the requests made to it."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        text = f"{request.method} {request.url} {request.content.decode()}"
        asked.append(text)
        found = next((page for name, page in pages.items() if name in text), None)
        return httpx.Response(200, json=found) if found is not None else httpx.Response(404, json={"message": text})

    clock = VirtualClock()
    around = Surroundings(clock, clock.sleep, np.random.default_rng(0), httpx.MockTransport(answer))
    return SHOPS[platform].open(policy_of(platform, currency, **more), secret, around), asked


def pull(shop: Any, since: dt.datetime | None = None) -> dict[str, pl.DataFrame]:
    found = {name: shop.pull(table, since) for name, table in INPUT.items()}
    return {name: rows.frame for name, rows in found.items() if rows is not None}


def accepted(tables: dict[str, pl.DataFrame], folder: Path, currency: str = "EUR") -> Rows:
    """The rows, after a shop folder with them was loaded without a bad row."""
    (folder / "data").mkdir()
    rows: Rows = {}
    for name, frame in tables.items():
        plain = frame.drop("_file", "_line")
        plain.write_csv(folder / "data" / f"{name}.csv")
        rows[name] = plain.to_dicts()
    if "orders" not in tables:
        sku = tables["products"]["sku"][0]
        (folder / "data" / "sales.csv").write_text(f"date,sku,units,price\n2026-02-01,{sku},1,5\n")
    outcome = load(folder, Policy(currency=currency))
    assert outcome.quarantine.is_empty(), outcome.quarantine
    return rows


def line(order: str, sku: str, units: str, price: str, customer: str | None = None) -> dict[str, str | None]:
    at = "2026-02-03T04:05:06Z"
    row = {"order_id": order, "at": at, "sku": sku, "units": units, "price": price, "channel": "web", "region": "DE"}
    return {**row, **({"customer_id": customer} if customer else {})}


def test_woocommerce(tmp_path: Path) -> None:
    cost = {"values": [{"defined_value": 4}]}
    simple = {
        "id": 1,
        "sku": "s1",
        "type": "simple",
        "name": "Lamp",
        "slug": "lamp",
        "status": "publish",
        "categories": [{"name": "Light"}],
    }
    simple |= {"manage_stock": True, "stock_quantity": 0, "stock_status": "outofstock", "cost_of_goods_sold": cost}
    parent = {"id": 2, "sku": "", "type": "variable", "name": "Shirt", "slug": "shirt", "status": "publish", "categories": []}
    child = {"id": 3, "sku": "s2", "name": "M", "status": "private", "manage_stock": "parent", "stock_quantity": 9}
    item = {"sku": "s1", "quantity": 2, "total": "20.00", "total_tax": "3.80"}
    order = {"id": 7, "status": "completed", "currency": "EUR", "date_created_gmt": "2026-02-03T04:05:06", "customer_id": 5}
    orders = [{**order, "line_items": [item, {**item, "sku": ""}]}, {**order, "id": 8, "status": "cancelled", "line_items": [item]}]
    shop, asked = served("woocommerce", {"products/2/variations": [child], "/products": [simple, parent], "/orders": orders})
    rows = accepted(pull(shop), tmp_path)
    assert rows["orders"] == [line("7", "s1", "2", "11.90", "5")]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "0", "out_of_stock": "1"}]
    assert rows["costs"] == [{"valid_from": "2026-03-02", "sku": "s1", "unit_cost": "4"}]
    assert [(row["sku"], row["family"], row["active"]) for row in rows["products"]] == [("s1", "lamp", "1"), ("s2", "shirt", "0")]
    shop.pull(INPUT["orders"], SINCE)
    assert "modified_after=2026-02-01T12%3A30%3A44Z" in asked[-1], "the cursor overlaps by a second"


def test_shopify(tmp_path: Path) -> None:
    product = {"handle": "lamp", "vendor": "Acme", "productType": "Light", "status": "ACTIVE"}
    item = {"tracked": True, "unitCost": {"amount": "4.0", "currencyCode": "EUR"}}
    variant = {
        "sku": "s1",
        "displayName": "Lamp - M",
        "inventoryQuantity": -2,
        "inventoryPolicy": "DENY",
        "inventoryItem": item,
        "product": product,
    }
    paid = {
        "sku": "s1",
        "currentQuantity": 2,
        "discountedUnitPriceAfterAllDiscountsSet": {"shopMoney": {"amount": "11.9", "currencyCode": "EUR"}},
    }
    order = {"id": "gid://shopify/Order/7", "createdAt": "2026-02-03T04:05:06Z", "cancelledAt": None, "test": False, "taxesIncluded": True}
    lines = {"lineItems": {"nodes": [paid, {**paid, "currentQuantity": 0}]}}
    more = {"pageInfo": {"hasNextPage": False, "endCursor": None}}
    orders = {"nodes": [{**order, **lines}, {**order, "test": True, **lines}], **more}
    pages = {"query Variants": {"data": {"productVariants": {"nodes": [variant], **more}}}, "query Orders": {"data": {"orders": orders}}}
    shop, asked = served("shopify", pages)
    rows = accepted(pull(shop), tmp_path)
    assert rows["orders"] == [line("7", "s1", "2", "11.9")]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "0", "out_of_stock": "1"}]
    assert rows["costs"] == [{"valid_from": "2026-03-02", "sku": "s1", "unit_cost": "4.0"}]
    assert rows["products"][0] == {
        "sku": "s1",
        "name": "Lamp - M",
        "brand": "Acme",
        "category": "Light",
        "currency": "EUR",
        "family": "lamp",
        "active": "1",
    }
    shop.pull(INPUT["orders"], SINCE)
    assert "updated_at:>='2026-02-01T12:30:45Z'" in asked[-1]


def test_adobe_commerce(tmp_path: Path) -> None:
    item = {"sku": "s1", "qty_ordered": 2, "qty_canceled": 0, "row_total": 20, "row_total_incl_tax": 23.8, "discount_amount": 0}
    order = {"increment_id": "7", "state": "complete", "order_currency_code": "EUR", "created_at": "2026-02-03 04:05:06"}
    orders = {
        "items": [{**order, "items": [item, {**item, "parent_item_id": 1}]}, {**order, "state": "canceled", "items": [item]}],
        "total_count": 2,
    }
    products = {"items": [{"sku": "s1", "name": "Lamp", "status": 1}], "total_count": 1}
    sources = {"items": [{"sku": "s1", "quantity": 3, "status": 1}, {"sku": "s1", "quantity": 5, "status": 0}], "total_count": 2}
    costs = [{"sku": "s1", "store_id": 0, "cost": 4.5}, {"sku": "s1", "store_id": 1, "cost": 5}]
    pages = {"V1/orders": orders, "cost-information": costs, "V1/products": products, "source-items": sources}
    shop, asked = served("adobe_commerce", pages)
    rows = accepted(pull(shop), tmp_path)
    assert rows["orders"] == [line("7", "s1", "2", "11.90")]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "3", "out_of_stock": "0"}]
    assert rows["costs"] == [{"valid_from": "2026-03-02", "sku": "s1", "unit_cost": "4.50"}]
    shop.pull(INPUT["products"], SINCE)
    assert "2026-02-01+12%3A30%3A45" in asked[-1]


def test_bigcommerce(tmp_path: Path) -> None:
    variant = {
        "id": 3,
        "sku": "s1",
        "cost_price": 4.5,
        "inventory_level": 0,
        "purchasing_disabled": False,
        "option_values": [{"label": "M"}],
    }
    product = {
        "id": 2,
        "name": "Lamp",
        "is_visible": True,
        "inventory_tracking": "variant",
        "inventory_level": 9,
        "cost_price": 0,
        "variants": [variant],
    }
    listed = {"data": [product], "meta": {"pagination": {"total_pages": 1}}}
    order = {"id": 7, "status_id": 10, "default_currency_code": "EUR", "date_created": "Tue, 03 Feb 2026 04:05:06 +0000", "customer_id": 5}
    sold = [{"sku": "s1", "quantity": 3, "quantity_refunded": 1, "price_inc_tax": "11.9000", "price_ex_tax": "10.0000"}]
    pages = {"v2/orders/7/products": sold, "v2/orders": [order, {**order, "id": 8, "status_id": 5}], "v3/catalog/products": listed}
    shop, asked = served("bigcommerce", pages)
    rows = accepted(pull(shop), tmp_path)
    assert rows["orders"] == [line("7", "s1", "2", "11.9000", "5")]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "0", "out_of_stock": "1"}]
    assert rows["costs"] == [{"valid_from": "2026-03-02", "sku": "s1", "unit_cost": "4.50"}]
    assert rows["products"] == [{"sku": "s1", "name": "Lamp M", "currency": "EUR", "active": "1"}]
    shop.pull(INPUT["orders"], SINCE)
    assert "min_date_modified=2026-02-01T12%3A30%3A45Z" in asked[-2]


def test_amazon(tmp_path: Path) -> None:
    summary = {"marketplaceId": "M", "productType": "LAMP", "itemName": "Lamp", "status": ["BUYABLE"]}
    item = {"sku": "s1", "summaries": [summary], "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 4}]}
    pages = {"/token": {"access_token": "Atza|x", "expires_in": 3600}, "items/S": {"items": [item, {"sku": "s2"}]}}
    options = {"seller": "S", "marketplace": "M", "token_url": "https://tokens.example/token"}
    shop, asked = served("amazon", pages, secret="a b c", options=options)
    rows = accepted(pull(shop), tmp_path)
    assert rows["products"] == [{"sku": "s1", "name": "Lamp", "currency": "EUR", "active": "1"}]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "4", "out_of_stock": "0"}]
    shop.pull(INPUT["products"], SINCE)
    assert "lastUpdatedAfter=2026-02-01T12%3A30%3A45Z" in asked[-1]


def test_medusa_names_the_tax_in_its_prices(tmp_path: Path) -> None:
    """A rate of the product goes before one of its type, that before the country's own; provinces and other countries do not count."""
    ids = [("p1", None), ("p2", "books"), ("p3", "books")]
    variants = [
        {"sku": f"s{n}", "title": "M", "product": {"id": name, "type_id": kind, "title": "Lamp", "handle": name, "status": "published"}}
        for n, (name, kind) in enumerate(ids)
    ]

    def rate(percent: float | None, default: bool = False, **names: str) -> dict[str, Any]:
        rules = [{"reference": reference, "reference_id": value} for reference, value in names.items()]
        return {"rate": percent, "is_default": default, "rules": rules}

    austria = {"country_code": "at", "parent_id": None, "tax_rates": [rate(20, default=True), rate(10, product_type="books")]}
    austria["tax_rates"] += [rate(5.5, product="p3"), rate(4.9, product="p3"), rate(None, product="p1")]
    beside = [
        {"country_code": "at", "parent_id": "x", "tax_rates": [rate(19, default=True)]},
        {"country_code": "de", "parent_id": None, "tax_rates": [rate(7, default=True)]},
        {"country_code": "ch", "parent_id": None, "tax_rates": []},
    ]
    pages = {"product-variants": {"variants": variants, "count": 3}, "tax-regions": {"tax_regions": [austria, *beside], "count": 4}}

    def taxes(shop: Any) -> list[str | None]:
        frame = shop.pull(INPUT["products"]).frame
        return frame["tax_rate"].to_list() if "tax_rate" in frame.columns else []

    shop, asked = served("medusa", pages, region="AT")
    assert taxes(shop) == ["0.2", "0.1", "0.055"]
    assert accepted({"products": shop.pull(INPUT["products"]).frame}, tmp_path)["products"][2]["tax_rate"] == "0.055"
    assert sum("tax-regions" in one for one in asked) == 2, "once a pull, not once a product"
    assert taxes(served("medusa", pages, region="default", options={"tax_country": "DE"})[0]) == ["0.07"] * 3
    assert taxes(served("medusa", pages, region="CH")[0]) == [], "a country without a rate is not a rate of 0"
    assert taxes(served("medusa", pages, region="FR")[0]) == []
    assert taxes(served("medusa", pages, region="default")[0]) == [], "several countries, none named"
    one = {**pages, "tax-regions": {"tax_regions": [austria, beside[0]], "count": 2}}
    assert taxes(served("medusa", one, region="default")[0])[0] == "0.2", "the only one"
    shop, asked = served("medusa", pages, region="AT", tax="net")
    assert taxes(shop) == []
    assert not any("tax-regions" in one for one in asked)


def test_taobao(tmp_path: Path) -> None:
    items = {"items_onsale_get_response": {"items": {"item": [{"num_iid": 5, "title": "灯"}]}, "total_results": 1}}
    skus = [{"num_iid": 5, "properties": "1:2", "price": "19.00", "quantity": 0, "outer_id": "s1"}, {"num_iid": 5, "outer_id": ""}]
    pages = {"taobao.items.onsale.get": items, "taobao.item.skus.get": {"item_skus_get_response": {"skus": {"sku": skus}}}}
    shop, asked = served("taobao", pages, currency="CNY")
    rows = accepted(pull(shop), tmp_path, "CNY")
    assert rows["products"] == [{"sku": "s1", "name": "灯", "currency": "CNY", "family": "5"}]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "0", "out_of_stock": "1"}]
    shop.pull(INPUT["products"], SINCE)
    assert "start_modified=2026-02-01+20%3A30%3A45" in asked[-2], "in China's time"


def test_jd(tmp_path: Path) -> None:
    rows_there = [{"skuId": 1, "wareId": 5, "jdPrice": "19.00", "stockNum": 3, "outerId": "s1"}, {"skuId": 2, "wareId": 5}]
    answer = {"jingdong_sku_read_searchSkuList_responce": {"code": "0", "page": {"data": rows_there, "totalItem": 2}}}
    shop, asked = served("jd", {"searchSkuList": answer}, currency="CNY")
    rows = accepted(pull(shop), tmp_path, "CNY")
    assert rows["products"] == [{"sku": "s1", "currency": "CNY", "family": "5"}]
    assert rows["stock"] == [{"date": "2026-03-02", "sku": "s1", "on_hand": "3", "out_of_stock": "0"}]
    shop.pull(INPUT["products"], SINCE)
    assert "2026-02-01+20%3A30%3A45" in asked[-1]


@pytest.mark.parametrize("platform", ["webhook", "csv_feed", "merchant_feed"])
def test_what_has_no_tables_is_no_source(platform: str, tmp_path: Path) -> None:
    file = tmp_path / "feed.csv"
    file.write_text("sku,price\n")
    url = {} if platform == "webhook" else {"url": str(file)}
    shop, _ = served(platform, {}, secret="x" * 16, **url)
    assert not hasattr(shop, "pull")


def test_a_long_reading_waits_where_the_shop_asks_to() -> None:
    answers = [httpx.Response(429, headers={"retry-after": "20"})]
    answers += [httpx.Response(200, json=[{"id": n, "sku": f"s{n}", "type": "simple", **THING} for n in range(100)])]
    answers += [httpx.Response(503, headers={"retry-after": "5"}), httpx.Response(200, json=[])]
    clock = VirtualClock()
    around = Surroundings(clock, clock.sleep, np.random.default_rng(0), httpx.MockTransport(lambda _: answers.pop(0)))
    shop: Any = SHOPS["woocommerce"].open(policy_of("woocommerce", "EUR"), "key:secret", around)
    assert shop.pull(INPUT["products"]).frame.height == 100
    assert clock() - START >= dt.timedelta(seconds=25)
    answers += [httpx.Response(429, headers={"retry-after": "20"})]
    with pytest.raises(ShopBusy):
        shop.prices()


def test_rows_are_text_with_their_places() -> None:
    shop, _ = served(
        "jd", {"searchSkuList": {"jingdong_sku_read_searchSkuList_responce": {"page": {"data": [], "totalItem": 0}}}}, currency="CNY"
    )
    frame = shop.pull(INPUT["products"]).frame
    assert frame.columns == ["_line", "sku", "_file"]
    assert frame.is_empty()
    assert json.dumps(frame.to_dicts()) == "[]"
