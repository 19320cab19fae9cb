"""A store is a price region, unless a header names one; views are those of a product's page, and no visits of a shop."""

from __future__ import annotations

import pytest

from pricesmith.flows.desk.imports import headers, stores

SOLD, ROW = ["WEEK_END_DATE", "UPC", "UNITS", "PRICE"], ["14-JAN-09", "1111009477", "158", "1.38"]


def guess(table: str, *more: str) -> dict[str, str]:
    return headers.guess(table, [*SOLD, *more], [[*ROW, *("367" for _ in more)]])


@pytest.mark.parametrize(
    "header",
    [
        "STORE_NUM", "STORE", "STORE_ID", "Store Number", "Store #", "Store Code", "store_nbr", "StoreNum", "Filiale", "Filial-Nr.",
        "Outlet", "门店", "门店编号", "門市", "Code magasin", "Tienda", "Loja", "Negozio", "Winkel", "Sklep", "Store name",
    ],
)  # fmt: skip
def test_a_store_is_a_region(header: str) -> None:
    found = guess("sales", header)
    assert found["region"] == header and "channel" not in found
    assert guess("costs", header)["region"] == header and guess("orders", header)["region"] == header
    assert header not in guess("products", header).values()


@pytest.mark.parametrize(
    "header", ["Store size", "Store city", "In store date", "SALES_AREA_SIZE_NUM", "Storage", "Restore", "门店面积", "Number"]
)
def test_other_headers_are_none(header: str) -> None:
    assert not stores.named(header) and header not in guess("sales", header).values()


@pytest.mark.parametrize("header", ["Channel", "Sales channel", "Shop", "店铺", "渠道", "Kanal"])
def test_a_channel_stays_one(header: str) -> None:
    assert guess("sales", header)["channel"] == header
    assert {"channel": header, "region": "STORE_NUM"}.items() <= guess("sales", "STORE_NUM", header).items()


@pytest.mark.parametrize("region", ["Region", "Country", "地区"])
def test_beside_a_region_a_store_is_a_channel(region: str) -> None:
    assert {"channel": "Store", "region": region}.items() <= guess("sales", "Store", region).items()


def test_one_column_is_the_store_and_its_number_comes_before_its_name() -> None:
    found = guess("sales", "STORE_NAME", "STORE_NUM", "STORE")
    assert found["region"] == "STORE_NUM" and "channel" not in found


def test_a_list_of_stores_is_no_table_of_ours() -> None:
    names = ["STORE_NUM", "STORE_NAME", "ADDRESS_CITY_NAME", "AVG_WEEKLY_BASKETS"]
    rows = [["2277", "ANDERSON TOWNE CTR", "CINCINNATI", "54052.5"]]
    assert headers.guess("products", names, rows) == {} and headers.better("products", names, rows) == ""


def test_stores_stay_where_the_files_of_a_shop_have_them() -> None:
    found, web = {"sku": "UPC", "region": "STORE_NUM"}, {"sku": "UPC", "channel": "Channel", "region": "STORE_NUM"}
    before = [{"region": "Country"}, {"channel": "Store"}, {"region": "Store"}]
    assert stores.placed(found, before, "costs") == {"sku": "UPC", "channel": "STORE_NUM"}
    assert stores.placed(found, before[2:], "costs") == stores.placed(found, [], "costs") == found
    assert stores.placed(web, before, "costs") == web and stores.placed(found, before, "calendar") == found
    assert stores.placed({"channel": "Kanal"}, before, "costs") == {"channel": "Kanal"}


@pytest.mark.parametrize(
    "header", ["Views", "Page views", "Product views", "Sessions", "Impressions", "Seitenaufrufe", "商品浏览量", "Glance Views"]
)
def test_views_are_those_of_a_page(header: str) -> None:
    assert guess("sales", header)["views"] == header


@pytest.mark.parametrize("header", ["VISITS", "HHS", "Visitas", "Bezoeken", "访客数", "Baskets", "Footfall"])
def test_visits_of_a_shop_are_none(header: str) -> None:
    assert "views" not in guess("sales", header)
