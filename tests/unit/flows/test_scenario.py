"""What stands in a scenario is read, or refused, as in the sales table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows import scenario
from pricesmith.flows.batch import Learned
from tests.shop_folders import prepared, taken
from tests.unit.flows.test_backtest import Constant

LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
HEAD = "date,sku,units,price,promo\n2025-01-01,a,1,5,0\n"
TEXTS = (
    "1",
    "0",
    "",
    " 1 ",
    "1.0",
    "0.0",
    "true",
    "True",
    "TRUE",
    "false",
    "FALSE",
    "+1",
    "yes",
    "Yes",
    "no",
    "7",
    "-3",
    "0.5",
    "nan",
    "x",
)


class Told(Constant):
    """Foretells its promotions, so that they can be seen."""

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        return scenario.with_columns(units=pl.col("promo"), units_lo=pl.lit(0.0), units_hi=pl.lit(1.0))


def predicted(folder: Path, rows: pl.DataFrame | str) -> pl.DataFrame:
    learned = Learned(taken(folder, "2025-01-03"), LOOSE, Told(0.0))
    if isinstance(rows, str):
        (folder / "plan.csv").write_text(rows, encoding="utf-8")
        rows = scenario.read_scenario(folder / "plan.csv")
    return scenario.predict(learned, rows, "plan.csv")


@pytest.mark.parametrize("text", TEXTS)
def test_a_promotion_is_read_or_refused_as_in_sales(tmp_path: Path, text: str) -> None:
    sales = prepared(tmp_path / "sales", LOOSE, sales=HEAD + f"2025-01-02,a,1,5,{text}\n")
    plan = f"date,sku,price,promo\n2025-01-05,a,5,0\n2025-01-06,a,5,{text}\n"
    if sales.quarantine.height:
        assert sales.quarantine["reason"].to_list() == ["not_a_choice"]
        with pytest.raises(DataError) as error:
            predicted(tmp_path, plan)
        assert error.value.where == "plan.csv:3"
        assert f"promo = {text!r} is none of the valid values" in error.value.line
        assert "write 1 for a promotion, 0 or nothing for none" in error.value.line
        return
    assert predicted(tmp_path, plan)["units"].to_list() == [0.0, float(sales.tables["sales"]["promo"][1] or 0)]


def test_both_ways_of_the_table_above_are_tried(tmp_path: Path) -> None:
    sales = HEAD + "".join(f"2025-02-{day:02},a,1,5,{text}\n" for day, text in enumerate(TEXTS, 1))
    assert prepared(tmp_path, LOOSE, sales=sales).quarantine["value"].to_list() == list(TEXTS[12:])


def test_the_scenario_may_be_typed(tmp_path: Path) -> None:
    rows = pl.DataFrame({"date": [dt.date(2025, 1, 5)] * 3, "sku": ["a"] * 3, "price": [5.0] * 3, "promo": [True, False, None]})
    assert predicted(tmp_path, rows)["units"].to_list() == [1.0, 0.0, 0.0]
    with pytest.raises(DataError, match="promo = '7'"):
        predicted(tmp_path, rows.with_columns(promo=pl.lit(7)))


def test_without_the_column_nothing_is_a_promotion(tmp_path: Path) -> None:
    assert predicted(tmp_path, "date,sku,price\n2025-01-05,a,5\n2025-01-06,a,5\n")["units"].to_list() == [0.0, 0.0]


class Kinds(Constant):
    """Foretells a number for the kind of each promotion."""

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        kind = pl.col("promo_kind").replace_strict({"tag": 1.0, "flyer": 2.0, "coupon + flyer": 3.0}, default=0.0)
        return scenario.with_columns(units=10.0 * pl.col("promo") + kind, units_lo=pl.lit(0.0), units_hi=pl.lit(99.0))


def with_kinds(folder: Path, rows: str, period: str = "day") -> list[float]:
    """Sales of two kinds, plans of a flyer in a week and of a coupon amid it."""
    sales = "date,sku,units,price,promo,promo_kind\n2024-12-30,a,1,5,1,tag\n2024-12-23,a,1,5,1,flyer\n2024-12-16,a,1,5,1,coupon + flyer\n"
    plans = "sku,start,end,kind\na,2025-01-06,2025-01-13,flyer\na,2025-01-08,2025-01-08,coupon\n"
    policy = Policy(currency="EUR", period=period)  # type: ignore[arg-type]
    learned = Learned(taken(folder, "2025-01-06", policy, sales=sales, promotions=plans), policy, Kinds(0.0))
    (folder / "plan.csv").write_text(rows, encoding="utf-8")
    return scenario.predict(learned, scenario.read_scenario(folder / "plan.csv"), "plan.csv")["units"].to_list()


def test_a_promotion_is_of_the_kind_that_is_said_else_of_the_one_that_is_planned(tmp_path: Path) -> None:
    asked = ["06,1,tag", "07,1,", "08,1,", "07,,tag", "07,0,tag", "07,,", "20,1,"]
    rows = "date,sku,price,promo,promo_kind\n" + "".join(
        f"2025-01-{day},a,4,{rest}\n" for day, rest in (one.split(",", 1) for one in asked)
    )
    assert with_kinds(tmp_path / "days", rows) == [11.0, 12.0, 13.0, 11.0, 0.0, 0.0, 10.0]
    weeks = "date,sku,price,promo\n2025-01-06,a,4,1\n2025-01-13,a,4,1\n"
    assert with_kinds(tmp_path / "weeks", weeks, "week") == [13.0, 10.0], "one day of the second week is planned"


def test_a_kind_that_no_sale_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        with_kinds(tmp_path, "date,sku,price,promo,promo_kind\n2025-01-06,a,4,1,flyer\n2025-01-06,a,4,1,Flyer\n")
    assert error.value.where == "plan.csv:3"
    assert "promo_kind = 'Flyer' is no kind of promotion of the sales" in error.value.line
    assert "kinds there: coupon + flyer, flyer, tag; leave it empty for one that is new" in error.value.line
    plain = "date,sku,price,promo_kind\n2025-01-06,a,4,Flyer\n"
    with pytest.raises(DataError, match="there are no kinds there"):
        predicted(tmp_path / "none", plain)


@pytest.mark.parametrize("text", ["2025-01-05", " 2025-01-05 ", "2025-01-05T23:30:00Z", "2025-01-05xyz", "2025-1-5", "2025-02-30"])
def test_a_day_is_read_or_refused_as_in_sales(tmp_path: Path, text: str) -> None:
    sales = prepared(tmp_path / "sales", LOOSE, sales=f"date,sku,units,price\n2025-01-01,a,1,5\n{text},a,1,5\n")
    plan = f"date,sku,price\n{text},a,5\n"
    if sales.quarantine.height:
        with pytest.raises(DataError, match=r"plan\.csv:2: date = .* is no date"):
            predicted(tmp_path, plan)
    else:
        assert predicted(tmp_path, plan).height == 1
