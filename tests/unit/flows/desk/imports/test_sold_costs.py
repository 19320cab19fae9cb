"""Costs from margins: which columns hold them, percent or shares, the mean over stores, and one row for each change."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.imports.cost_columns import CostColumn, column_of, costs_one, costs_rows
from pricesmith.flows.desk.imports.margins import in_percent, money, named
from pricesmith.flows.desk.imports.sold_costs import by_period, by_place, changes, far

DAY = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    "header",
    ["GM %", "GM%", "Gross Margin", "Margin %", "Gross margin pct", "GP %", "毛利率", "毛利率(%)", "Handelsspanne", "Taux de marque"],
)
def test_usual_headers_name_a_gross_margin(header: str) -> None:
    assert named(header)


@pytest.mark.parametrize("header", ["Markup", "Mark-up %", "Taux de marge", "Margin floor", "General", "毛利额", "Discount %"])
def test_other_headers_name_none(header: str) -> None:
    assert not named(header)


@pytest.mark.parametrize(
    ("values", "percent"),
    [
        (["38.0", "30.1", "0", "0.5", ""], True), (["0.38", "0.301", "1.2"], False), (["0.5 %", "0.4 %"], True), (["38,0", "-12,5"], True),
        (["", "n/a"], False), ([], False), (["0", "0.0"], False),
    ],
)  # fmt: skip
def test_percent_or_shares_by_the_values(values: list[str], percent: bool) -> None:
    assert in_percent(values) == percent


def test_amounts_of_money_are_no_shares_of_the_price() -> None:
    assert money("Margin", ["1.47", "1.20"], ["3.87", "2.99"])
    assert not money("Margin %", ["1.47", "1.20"], ["3.87", "2.99"])
    assert not money("Margin", ["38.0", "30.1"], ["3.87", "2.99"])
    assert column_of("sales", {"Margin": ["1.47"], "Price": ["3.87"]}, {"price": "Price"}, None) == CostColumn(offered=True)


def test_what_is_offered() -> None:
    cells, ours = {"GM %": ["", "38.0"], "Retail": ["2.99", "3.87"], "Note": ["a", "b"]}, {"price": "Retail"}
    assert column_of("sales", cells, ours, None) == CostColumn("GM %", "percent", ["3.87", "38.0", "0.38", "2.40"], True)
    assert column_of("orders", cells, ours, None).header == "GM %"
    assert column_of("sales", cells, ours, ("", "share")) == CostColumn(offered=True), "none was chosen last"
    assert column_of("sales", cells, ours, ("GM %", "share")) == CostColumn("GM %", "share", [], True)
    assert column_of("products", cells, ours, None) == CostColumn()


@pytest.mark.parametrize(
    "header", ["Cost", "Unit Cost", "成本", "EK netto", "Wareneinsatz", "Coût d'achat", "Kostprijs", "unit_cost", "COGS"]
)
def test_usual_headers_name_a_cost(header: str) -> None:
    assert costs_one(header)


@pytest.mark.parametrize("header", ["Cost amount", "Total Cost", "成本金额", "销售成本", "Line cost (EUR)", "Costo total"])
def test_usual_headers_name_what_all_units_of_a_row_cost(header: str) -> None:
    assert costs_rows(header)


@pytest.mark.parametrize("header", ["Shipping cost", "Price", "Costa Rica", "Cost center", "运费"])
def test_other_headers_name_no_cost(header: str) -> None:
    assert not costs_one(header) and not costs_rows(header)


LINES = {
    "sku": ["A", "A", "A", "B", "B"], "qty": ["1", "4", "2", "3", "1"], "price": ["9.9", "9.9", "9.9", "5", "5"],
    "COGS": ["4.1", "16.4", "8.2", "6", "2"], "Cost": ["4.1", "4.1", "4.2", "2", "2"], "Total cost": ["4.1", "4.1", "4.2", "2", "2"],
}  # fmt: skip
OURS = {"sku": "sku", "units": "qty", "price": "price"}


def found(header: str, **more: list[str]) -> CostColumn:
    cells = {name: values * 5 for name, values in LINES.items() if name in (*OURS.values(), header)}
    cells |= {name: values * 5 for name, values in more.items()}
    return column_of("orders", cells, OURS, None)


def test_costs_in_proportion_to_the_units_are_those_of_the_row() -> None:
    assert found("COGS") == CostColumn("COGS", "row", ["16.4", "4", "4.1"], True)
    assert found("Cost") == CostColumn("Cost", "each", ["4.1"], True)
    assert found("Total cost").way == "row", "the header says so"
    assert found("COGS", **{"GM %": ["58", "58", "58", "60", "60"]}).header == "COGS", "a cost comes before a margin"


def rows(*told: tuple[str, int, str, float, float]) -> pl.DataFrame:
    """(sku, week, region, units, cost)"""
    weeks = [(sku, DAY + dt.timedelta(7 * week), None, region, units, cost) for sku, week, region, units, cost in told]
    schema = {"sku": pl.String, "date": pl.Date, "channel": pl.String, "region": pl.String, "units": pl.Float64, "cost": pl.Float64}
    return pl.DataFrame(weeks, schema=schema, orient="row")


def test_stores_are_averaged_by_their_units() -> None:
    found = by_period(rows(("A", 0, "1", 30.0, 2.0), ("A", 0, "2", 10.0, 3.0), ("A", 1, "1", 5.0, 2.5))).to_dicts()
    assert [(one["cost"], one["places"], one["spread"]) for one in found] == [(2.25, 2, 1.0), (2.5, 1, 0.0)]


def test_a_row_is_written_where_a_cost_has_moved_by_a_minor_unit() -> None:
    costs = [2.0, 2.004, 2.008, 2.0101, 2.0199, 1.99]
    table = changes(by_period(rows(*[("A", week, "1", 1.0, cost) for week, cost in enumerate(costs)], ("B", 0, "1", 1.0, 2.0))), 2)
    assert table.rows() == [
        ("A", DAY, 2.0), ("A", DAY + dt.timedelta(21), 2.0101), ("A", DAY + dt.timedelta(35), 1.99), ("B", DAY, 2.0)
    ]  # fmt: skip
    assert changes(by_period(rows(("A", 0, "1", 1.0, 200.4), ("A", 1, "1", 1.0, 201.4))), 0).height == 2


def test_stores_that_differ_get_rows_of_their_own() -> None:
    near = [("A", week, store, 10.0, 2.0 + 0.004 * (store == "2")) for week in range(3) for store in ("1", "2")]
    apart = [("B", week, store, 10.0, 2.0 + 0.12 * (store == "2") + 0.2 * (week == 2)) for week in range(3) for store in ("1", "2")]
    found = rows(*near, *apart)
    assert far(by_period(found), 2)["sku"].to_list() == ["B"]
    assert changes(by_place(found.filter(pl.col("sku") == "B")), 2).rows() == [
        ("B", DAY, 2.0, None, "1"), ("B", DAY + dt.timedelta(14), 2.2, None, "1"), ("B", DAY, 2.12, None, "2"),
        ("B", DAY + dt.timedelta(14), 2.32, None, "2"),
    ]  # fmt: skip


@given(st.lists(st.floats(0.5, 50.0), min_size=1, max_size=30))
def test_what_is_written_is_never_a_minor_unit_away_from_the_cost(costs: list[float]) -> None:
    periods = by_period(rows(*[("A", week, "1", 1.0, cost) for week, cost in enumerate(costs)]))
    held = periods.join_asof(changes(periods, 2).rename({"valid_from": "date"}).sort("date"), on="date")
    assert held.select((pl.col("cost") - pl.col("unit_cost")).abs().max()).item() < 0.01 + 1e-4
    assert changes(periods, 2)["valid_from"].to_list() == sorted(set(changes(periods, 2)["valid_from"]))
