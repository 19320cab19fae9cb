"""Days that cannot be meant: set aside, named with their place, and told of where they set the day of a run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.report.words import Words
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.preparation import last_day
from pricesmith.preparation.last_day import ignored
from tests.shop_folders import EUR, codes, prepared
from tests.unit.preparation.test_reduce import START, sales, shop

LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
HEAD = "date,sku,units,price\n"
DAYS = [(dt.date(2025, 1, 1) + dt.timedelta(days=k)).isoformat() for k in range(30)]
STEADY = HEAD + "".join(f"{day},a,1,5\n{day},b,1,7\n" for day in DAYS)


@pytest.mark.parametrize("day", ["9999-12-31", "2100-01-01", "1979-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_is_set_aside_with_its_place(tmp_path: Path, day: str) -> None:
    outcome = prepared(tmp_path, LOOSE, sales=HEAD + f"2025-01-01,a,1,5\n{day},a,1,5\n")
    assert outcome.quarantine.rows() == [("sales", "data/sales.csv", 3, "date", day, "out_of_range")]
    assert last_day(outcome) == dt.date(2025, 1, 1)


@pytest.mark.parametrize("day", ["2099-12-31", "1980-01-01"])
def test_the_first_and_the_last_day_that_can_be(tmp_path: Path, day: str) -> None:
    assert prepared(tmp_path, LOOSE, sales=HEAD + f"{day},a,1,5\n").quarantine.is_empty()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("orders", "order_id,at,sku,units,price\n1,9999-12-31T10:00:00Z,a,1,5\n"),
        ("competitor_prices", "observed_at,sku,competitor,price\n9999-12-31,a,x,5\n"),
        ("stock", "date,sku,on_hand\n9999-12-31,a,3\n"),
        ("events", "at,session_id,sku,kind\n9999-12-31T00:00:00Z,s,a,view\n"),
        ("reviews", "at,sku,stars\n1970-01-01T00:00:00Z,a,5\n"),
    ],
)
def test_what_happened_did_not_happen_then(tmp_path: Path, table: str, text: str) -> None:
    outcome = prepared(tmp_path, LOOSE, **{table: text})
    assert outcome.quarantine["reason"].to_list() == ["out_of_range"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("promotions", "sku,start,end\na,1970-01-01,9999-12-31\n"),
        ("costs", "sku,valid_from,unit_cost\na,1970-01-01,1\n"),
        ("calendar", "date,event\n9999-12-31,End\n"),
        ("products", "sku,unit_cost,launched,price,price_from\na,1,1970-01-01,5,9999-12-31\nb,1,,,\n"),
    ],
)
def test_plans_may_hold_since_ever_and_for_ever(tmp_path: Path, table: str, text: str) -> None:
    assert prepared(tmp_path, **{table: text}).quarantine.is_empty()


def test_rows_long_after_all_others_are_named_with_their_place(tmp_path: Path) -> None:
    for name, day, code, end in (("slip", "2062-01-31", "date_outlier", "2025-01-30"), ("jump", "2025-06-01", "date_jump", "2025-06-01")):
        sales = STEADY + f"{day},a,1,5\n"
        (told,) = (one for one in prepared(tmp_path / name, sales=sales).warnings if one["code"] == code)
        assert told["places"] == [f"data/sales.csv:{len(sales.splitlines())}"] and told["count"] == 1 and "2025-01-30" in told["message"]
        assert str(last_day(prepared(tmp_path / name, sales=sales))) == end
        assert "请更正" in Words("zh").warning(code, told["message"])


def test_a_shop_that_opens_again_is_not_doubted_once_it_sells(tmp_path: Path) -> None:
    again = [dt.date(2025, 6, 1) + dt.timedelta(days=k) for k in range(30)]
    assert not {"date_jump", "date_outlier"} & codes(prepared(tmp_path, sales=STEADY + "".join(f"{day},a,1,5\n" for day in again)))


@pytest.mark.parametrize(("as_of", "count"), [("2025-01-29", 4), ("2025-01-31", 0), ("2025-01-30", 2)])
def test_rows_that_a_run_as_of_a_day_ignores_are_counted(tmp_path: Path, as_of: str, count: int) -> None:
    told = ignored(prepared(tmp_path, sales=STEADY), EUR, dt.date.fromisoformat(as_of))
    assert [one["count"] for one in told] == ([count] if count else [])
    if told:
        message = f"sales: {count} rows are dated on or after {as_of}, the last of them 2025-01-30; a run as of that day ignores them"
        assert told[0]["message"] == message and "不计入" in Words("zh").warning("after_as_of", message)


def test_order_lines_are_counted_by_the_day_of_the_shop(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", timezone="Asia/Shanghai")
    orders = "order_id,at,sku,units,price\n1,2025-01-01T15:00:00Z,a,1,5\n2,2025-01-01T16:00:00Z,a,1,5\n3,2025-01-01T17:00:00Z,a,1,5\n"
    told = ignored(prepared(tmp_path, policy, sales="", orders=orders), policy, dt.date(2025, 1, 2))
    assert [one["message"] for one in told] == [
        "orders: 2 rows are dated on or after 2025-01-02, the last of them 2025-01-02; a run as of that day ignores them"
    ]


@pytest.mark.parametrize(("days_later", "code", "moves"), [(20_000, "date_outlier", False), (200, "date_jump", True)])
def test_weekly_sums_are_judged_alike(tmp_path: Path, days_later: int, code: str, moves: bool) -> None:
    table, far = sales(), START + dt.timedelta(days=48 + days_later)
    slip = pl.concat([table, table.head(1).with_columns(date=pl.lit(far))])
    large = shop(tmp_path, slip, large=True)
    assert code in codes(large, "warning")
    assert last_day(large) == (far if moves else START + dt.timedelta(days=48))
    assert [one["count"] for one in ignored(large, EUR, far)] == [1]
