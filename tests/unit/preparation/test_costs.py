"""Costs by product and place: which rows hold where, what narrower rows leave empty, and that a day's costs are those of its cells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.fees import FeesPolicy
from pricesmith.contracts.policy import DataPolicy, Policy, parse_policy
from pricesmith.contracts.tables import COSTS
from pricesmith.preparation import Prepared, snapshot
from pricesmith.preparation.costs import AMOUNTS, latest_costs, with_cost
from tests.shop_folders import prepared

DAY = dt.date(2026, 3, 2)
WEB, SHOP = ("web", "default"), ("market", "DE")
Row = dict[str, object]


def table(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in COSTS.schema} for row in rows], schema=COSTS.schema).sort(COSTS.key)


def row(day: int, unit_cost: float | None, channel: str | None = None, region: str | None = None, **more: float) -> Row:
    at = DAY + dt.timedelta(day)
    return {"sku": "A", "valid_from": at, "unit_cost": unit_cost, "channel": channel, "region": region, **more}


def products(unit_cost: float | None = None) -> pl.DataFrame:
    return pl.DataFrame({"sku": ["A"], "unit_cost": [unit_cost]}, schema={"sku": pl.String, "unit_cost": pl.Float64})


def keys(*places: tuple[str, str]) -> pl.DataFrame:
    rows = [(number, "A", *place) for number, place in enumerate(places)]
    return pl.DataFrame(rows, schema={"item": pl.Int32, "sku": pl.String, "channel": pl.String, "region": pl.String}, orient="row")


def held(costs: pl.DataFrame, *places: tuple[str, str], day: int = 30, listed: float | None = None) -> list[tuple[object, ...]]:
    return latest_costs(costs, products(listed), keys(*places), DAY + dt.timedelta(day)).select(AMOUNTS).rows()


def test_a_row_without_a_place_holds_everywhere() -> None:
    costs = table(row(0, 5.0, fee_rate=0.1), row(10, 6.0, shipping=1.0))
    assert held(costs, WEB, SHOP) == [(6.0, 1.0, 0.0, 0.0, 0.0)] * 2
    assert held(costs, WEB, day=9) == [(5.0, 0.0, 0.1, 0.0, 0.0)]
    assert held(costs, WEB, day=-1) == [(None, 0.0, 0.0, 0.0, 0.0)] and held(costs, WEB, day=-1, listed=4.0)[0][0] == 4.0


def test_a_row_of_a_place_comes_first_there_and_leaves_the_rest_to_the_others() -> None:
    costs = table(row(0, 5.0, shipping=1.0, payment_rate=0.02), row(0, None, channel="market", fee_rate=0.15))
    assert held(costs, WEB, SHOP) == [(5.0, 1.0, 0.0, 0.02, 0.0), (5.0, 1.0, 0.15, 0.02, 0.0)]
    dearer = table(*costs.to_dicts(), row(10, 7.0, shipping=1.0, payment_rate=0.02))
    assert held(dearer, SHOP) == [(7.0, 1.0, 0.15, 0.02, 0.0)], "a fee of a channel lets the cost of the product move on"


def test_the_narrowest_place_comes_first_whatever_the_days() -> None:
    costs = table(
        row(0, 4.0, "market", "DE"), row(5, 3.0, region="DE", fee_rate=0.2), row(6, 2.0, "market", fee_rate=0.1, shipping=9.0), row(7, 1.0)
    )
    assert held(costs, SHOP, ("market", "FR"), ("web", "DE"), WEB) == [
        (4.0, 9.0, 0.2, 0.0, 0.0), (2.0, 9.0, 0.1, 0.0, 0.0), (3.0, 0.0, 0.2, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 0.0),
    ]  # fmt: skip


def test_a_row_of_a_place_keeps_what_the_row_before_of_that_place_said() -> None:
    costs = table(
        row(0, None, "market", fee_rate=0.15), row(5, 6.0, "market"), row(9, None, "market", payment_rate=0.02), row(1, 5.0, shipping=1.0)
    )
    assert held(costs, SHOP, day=4) == [(5.0, 1.0, 0.15, 0.0, 0.0)]
    assert held(costs, SHOP) == [(6.0, 1.0, 0.15, 0.02, 0.0)] and held(costs, WEB) == [(5.0, 1.0, 0.0, 0.0, 0.0)]
    assert held(table(row(0, 5.0, shipping=1.0), row(5, 6.0)), WEB) == [(6.0, 0.0, 0.0, 0.0, 0.0)], "rows of every place are whole"


def test_a_fee_without_a_cost_is_no_cost() -> None:
    assert held(table(row(0, None, "market", fee_rate=0.1)), SHOP)[0][0] is None


ROWS = st.lists(
    st.tuples(
        st.integers(0, 8), st.one_of(st.none(), st.integers(1, 9)), st.sampled_from([None, "web", "market"]), st.sampled_from([None, "DE"]),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=8, unique_by=lambda one: (one[0], one[2], one[3]),
)  # fmt: skip


@given(ROWS, st.integers(0, 9), st.one_of(st.none(), st.integers(1, 9)))
def test_the_costs_of_a_day_are_those_of_its_cells(
    told: list[tuple[int, int | None, str | None, str | None, int | None]], day: int, listed: int | None
) -> None:
    costs = table(*(row(at, cost, channel, region, shipping=shipping) for at, cost, channel, region, shipping in told))  # type: ignore[arg-type]
    places = keys(WEB, SHOP, ("web", "DE"), ("market", "default"))
    date = DAY + dt.timedelta(day)
    cells = places.select("item", "sku").with_columns(date=pl.lit(date))
    found = with_cost(cells, costs, products(listed), places)["cost"].to_list()
    latest = latest_costs(costs, products(listed), places, date)
    assert (
        found == (latest["unit_cost"] + latest["shipping"]).to_list() == [_by_hand(costs, place, date, listed) for place in places.rows()]
    )


def _by_hand(costs: pl.DataFrame, key: tuple[object, ...], date: dt.date, listed: int | None) -> float | None:
    amounts: dict[str, float | None] = {}
    for named in ({"channel", "region"}, {"region"}, {"channel"}, set[str]()):
        rows = [
            one for one in costs.sort("valid_from").to_dicts()
            if one["valid_from"] <= date and {name for name in ("channel", "region") if one[name] is not None} == named
            and all(one[name] == key[2 + (name == "region")] for name in named)
        ]  # fmt: skip
        for name in ("unit_cost", "shipping") if rows else ():
            said = [one[name] for one in rows if one[name] is not None or not named]
            amounts[name] = amounts[name] if amounts.get(name) is not None else said[-1] if said else None
    cost = amounts.get("unit_cost") if amounts.get("unit_cost") is not None else listed
    return None if cost is None else cost + (amounts.get("shipping") or 0.0)


SOLD = "".join(f"2026-02-{day:02},A,3,10,{channel}\n" for day in range(1, 21) for channel in ("web", "market"))
LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))


def shop(place: Path, costs: str, head: str = "sku,valid_from,unit_cost,shipping,fee_rate,channel") -> Prepared:
    return prepared(place, LOOSE, products="sku\nA\nB\n", sales="date,sku,units,price,channel\n" + SOLD, costs=f"{head}\n{costs}")


def test_an_empty_cost_needs_a_place(tmp_path: Path) -> None:
    found = shop(tmp_path, "A,2026-01-01,,,0.1,market\nA,2026-01-01,,,0.1,\nA,2026-02-01,5,,,\n")
    assert found.tables["costs"].select("unit_cost", "channel").rows() == [(None, "market"), (5.0, None)]
    assert found.quarantine.select("line", "column", "reason").rows() == [(3, "unit_cost", "missing_value")]


@pytest.mark.parametrize(
    ("head", "rows", "reasons"),
    [
        ("sku,valid_from,unit_cost", "A,2026-01-01,\n", ["missing_value"]),
        ("sku,valid_from,fee_rate,region", "A,2026-01-01,0.1,\nA,2026-01-02,0.1,DE\n", ["missing_value"]),
        ("sku,valid_from,unit_cost,region", "A,2026-01-01,-3,DE\nA,2026-01-02,x,DE\n", ["negative", "not_a_number"]),
        ("sku,valid_from,unit_cost,region", "A,2026-01-01,5,\nA,2026-01-01,6,DE\n", []),
        ("sku,valid_from,unit_cost,region", "A,2026-01-01,5,DE\nA,2026-01-01,6,DE\n", ["duplicate_key"] * 2),
        ("sku,valid_from,unit_cost,region", "A,2026-01-01,5,\nA,2026-01-01,6,\n", ["duplicate_key"] * 2),
    ],
)
def test_rows_that_cannot_be(tmp_path: Path, head: str, rows: str, reasons: list[str]) -> None:
    assert shop(tmp_path, rows, head).quarantine["reason"].to_list() == reasons


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        ("A,2026-01-01,5,,,\nB,2026-01-01,5,,,\n", {}),
        ("A,2026-01-01,5,,,web\nB,2026-01-01,5,,,\n", {"missing_cost_somewhere": (1, ["A"])}),
        ("A,2026-01-01,5,,,web\nA,2026-01-01,6,,,market\n", {"missing_cost": (1, ["B"])}),
        ("A,2026-01-01,5,,,\nA,2026-01-01,,,0.1,markt\nB,2026-01-01,5,,,\n", {"cost_of_no_place": (1, ["channel markt"])}),
        ("A,2026-01-01,5,,,\nA,2026-01-01,,,0.7,market\nB,2026-01-01,5,,,\n", {"cost_above_price": (1, ["A"])}),
    ],
)
def test_the_data_report_tells_places_without_a_cost_and_costs_without_a_place(tmp_path: Path, costs: str, told: dict[str, object]) -> None:
    found = [one for one in shop(tmp_path, costs).warnings if "cost" in one["code"]]
    assert {one["code"]: (one["count"], one["products"] or one["examples"]) for one in found} == told


def test_items_and_cells_carry_the_costs_of_their_place(tmp_path: Path) -> None:
    known = shop(tmp_path, "A,2026-01-01,5,1,,\nA,2026-02-11,,2,0.1,market\n")
    found = snapshot(known, LOOSE, dt.date(2026, 2, 21))
    items = {one["channel"]: one for one in found.items.filter(pl.col("sku") == "A").to_dicts()}
    assert [(items[c]["landed_cost"], items[c]["fee_rate"]) for c in ("web", "market")] == [(600.0, 0.0), (700.0, 0.1)]
    costs = found.cells.join(found.items.select("item", "channel"), on="item").group_by("channel").agg(pl.col("cost").unique().sort())
    assert dict(costs.rows()) == {"web": [6.0], "market": [6.0, 7.0]}


FEES = (
    FeesPolicy(payment_rate=0.02), FeesPolicy(channel="market", fee_rate=0.15, shipping=0.5), FeesPolicy(region="DE", shipping=1.0),
    FeesPolicy(channel="market", region="DE", return_rate=0.1),
)  # fmt: skip


def test_fees_of_the_policy_hold_where_the_table_says_nothing() -> None:
    costs = table(row(0, 5.0, fee_rate=0.0), row(0, None, "market", payment_rate=0.03))
    told = latest_costs(costs, products(), keys(WEB, ("market", "FR"), SHOP), DAY, FEES)
    assert told.select(AMOUNTS).rows() == [(5.0, 0.0, 0.0, 0.02, 0.0), (5.0, 0.5, 0.0, 0.03, 0.0), (5.0, 1.0, 0.0, 0.03, 0.1)]
    bare = latest_costs(table(), products(4.0), keys(WEB, SHOP), DAY, FEES)
    assert bare.select(AMOUNTS).rows() == [(4.0, 0.0, 0.0, 0.02, 0.0), (4.0, 1.0, 0.15, 0.02, 0.1)]
    cells = keys(WEB, SHOP).select("item", "sku").with_columns(date=pl.lit(DAY))
    assert with_cost(cells, table(), products(4.0), keys(WEB, SHOP), FEES)["cost"].to_list() == [4.0, 5.0]


def test_fees_reach_the_items_and_a_channel_without_sales_is_told(tmp_path: Path) -> None:
    policy = msgspec.structs.replace(LOOSE, fees=(FeesPolicy(channel="market", fee_rate=0.4), FeesPolicy(channel="markt", fee_rate=0.4)))
    known = prepared(
        tmp_path, policy, products="sku,unit_cost\nA,7\n", sales="date,sku,units,price,channel\n" + SOLD
    )  # fmt: skip
    items = {one["channel"]: one for one in snapshot(known, policy, dt.date(2026, 2, 21)).items.to_dicts()}
    assert [(items[c]["landed_cost"], items[c]["fee_rate"]) for c in ("web", "market")] == [(700.0, 0.0), (700.0, 0.4)]
    told = {one["code"]: one for one in known.warnings}
    assert told["fees_of_no_place"]["examples"] == ["channel markt"] and told["fees_of_no_place"]["places"] == ["shop.toml $.fees[1]"]
    assert told["cost_above_price"]["count"] == 1, "what is kept of 10 on the marketplace is 6"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[fees]]\nchannel = "a"\n[[fees]]\nchannel = "a"\nfee_rate = 0.1\n', "$.fees[0] is about the same channel and region"),
        ("[[fees]]\nfee_rate = 0.6\npayment_rate = 0.5\n", "these fees leave nothing of a price"),
        ("[[fees]]\nfee_rate = 15\n", "expected a number <= 1.0"),
        ("[[fees]]\nshipping = -1\n", "expected a number >= 0.0"),
        ("[[fees]]\nrate = 0.1\n", "unknown field 'rate'"),
        ("[fees]\nfee_rate = 0.1\n", "expected a list"),
    ],
)
def test_fees_that_cannot_be(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(f'currency = "EUR"\n{text}', {})
    assert said in str(caught.value) and "shop.toml:" in caught.value.where
