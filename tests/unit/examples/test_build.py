"""Every real data set becomes a shop folder that the engine can read."""

from __future__ import annotations

import polars as pl
import pytest

from examples.build import NAMES, build, main
from examples.shop import DATA, changes
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import batch


@pytest.fixture(params=NAMES)
def name(request):
    if not (DATA / request.param).is_dir():
        pytest.skip(f"data set {request.param} is not in {DATA}")
    return request.param


@pytest.mark.real
def test_tables_are_those_of_the_public_format(name):
    shop = build(name)
    for key, table in shop.tables.items():
        assert set(table.columns) <= set(INPUT[key].by_name), key
        assert set(INPUT[key].required) <= set(table.columns), key
    sales, products = shop.tables["sales"], shop.tables["products"]
    keys = [column for column in ("date", "sku", "channel", "region") if column in sales.columns]
    assert sales.select(keys).is_unique().all()
    assert products["sku"].is_unique().all()
    assert set(sales["sku"]) <= set(products["sku"])
    assert sales["price"].min() > 0
    assert sales["units"].min() >= 0
    assert shop.cost_assumed == ("costs" not in shop.tables)


@pytest.mark.real
def test_the_folder_is_read_without_a_quarantined_row(name, tmp_path):
    main([name, str(tmp_path / "a")])
    main([name, str(tmp_path / "b")])
    for path in sorted((tmp_path / "a").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    loaded = batch.load(tmp_path / "a")
    assert loaded.prepared.quarantine.is_empty()
    assert not loaded.prepared.blocked


@pytest.mark.real
def test_small_lines_set_the_list_price_of_the_gift_shop():
    """Accounts buy big lines at a discount: the written price must not fall with the size of the lines."""
    if not (DATA / "uci_online_retail").is_dir():
        pytest.skip("data set uci_online_retail is not there")
    sales = build("uci_online_retail").tables["sales"]
    ratio = sales.filter(pl.col("channel") == "guest")["price"].median() / sales.filter(pl.col("channel") == "account")["price"].median()
    assert 1.2 < ratio < 3.0


def test_cost_rows_are_kept_where_the_cost_moves():
    series = pl.DataFrame({"sku": ["a", "a", "a", "b"], "valid_from": [1, 2, 3, 1], "unit_cost": [5.0, 5.0, 6.0, 5.0]})
    assert changes(series)["valid_from"].to_list() == [1, 3, 1]
