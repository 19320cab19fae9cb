"""Building features: shape, choice of families, known values."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import polars as pl
import pytest

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import CALENDAR, CELLS, PROMOTIONS
from pricesmith.features import FEATURES
from pricesmith.features.build import build
from pricesmith.testing.fakes import made_snapshot

START = dt.date(2026, 1, 5)


def shop(*cells: dict[str, object], period: str = "day", as_of: dt.date = dt.date(2026, 3, 2)) -> Snapshot:
    base = {"item": 0, "promo": 0, "units": 1.0, "days": 1.0, "available": 1.0, "list_price": 10.0, "price": 10.0}
    rows = [{name: {**base, **cell}.get(name) for name in CELLS.schema} for cell in cells]
    return replace(made_snapshot(products=1, days=1, as_of=as_of, period=period), cells=pl.DataFrame(rows, schema=CELLS.schema))


def on(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def test_one_row_a_cell_and_every_family() -> None:
    snapshot = made_snapshot(products=3, days=30)
    built = build(snapshot)
    assert built.height == snapshot.cells.height
    assert built.columns == [column for family in FEATURES.values() for column in family.columns]


def test_chosen_families() -> None:
    assert build(made_snapshot(products=1, days=5), families=["weekday"]).columns == ["weekday", "weekend", "day_of_month"]


def test_unknown_family_lists_the_valid_ones() -> None:
    with pytest.raises(UnknownChoice, match="weekday"):
        build(made_snapshot(products=1, days=5), families=["weekdays"])


def test_price_changes() -> None:
    prices = (10.0, 10.0, 12.0, 12.0, 12.0)
    built = build(shop(*({"date": on(n), "price": p, "list_price": p} for n, p in enumerate(prices))))
    assert built["days_since_change"].to_list() == [None, None, 0.0, 1.0, 2.0]
    assert built["price_change"].to_list() == [None, 0.0, pytest.approx(math.log(1.2)), 0.0, 0.0]
    assert built["price_relative_to_usual"][3] == pytest.approx(math.log(12.0 / (32.0 / 3)))
    assert built["changes_in_91_days"].to_list() == [0, 0, 0, 1, 1]


def test_a_promotion_is_no_change_of_the_list_price() -> None:
    built = build(shop({"date": on(0)}, {"date": on(1), "price": 8.0, "promo": 1}, {"date": on(2)}))
    assert built["days_since_change"].to_list() == [None, None, None]
    assert built["promo_depth"].to_list() == [0.0, pytest.approx(0.2), 0.0]
    assert built["days_since_promo"].to_list() == [None, None, 1.0]


def test_stock_out_days_are_no_days_without_demand() -> None:
    cells = [{"date": on(n), "units": 4.0 * (n % 2), "available": float(n % 2)} for n in range(10)]
    built = build(shop(*cells))
    assert built["units_7"][9] == 4.0
    assert built["missing_days_28"][9] == 5.0


def test_events_of_other_regions_do_not_count() -> None:
    snapshot = shop({"date": on(0)}, {"date": on(3)})
    events = [(on(3), "fair", "elsewhere"), (on(4), "Easter", None), (on(4), "Derby", "default")]
    built = build(replace(snapshot, calendar=pl.DataFrame(events, schema=CALENDAR.schema, orient="row")))
    assert built["event"].to_list() == ["none", "none"]
    assert built["days_to_event"].to_list() == [4.0, 1.0]
    weekly = build(replace(snapshot, period="week", calendar=pl.DataFrame(events, schema=CALENDAR.schema, orient="row")))
    assert weekly["event"].to_list() == ["Derby", "Derby"]
    assert weekly["events_in_period"].to_list() == [2.0, 2.0]


def test_planned_promotions() -> None:
    snapshot = shop({"date": on(0)}, {"date": on(3)}, {"date": on(6)})
    plan = pl.DataFrame([("A000", on(2), on(4), None, None), ("other", on(6), on(6), None, None)], schema=PROMOTIONS.schema, orient="row")
    assert build(replace(snapshot, promotions=plan))["promo_planned"].to_list() == [0.0, 1.0, 0.0]
    assert build(replace(snapshot, promotions=plan, period="week"))["promo_planned"].to_list() == [1.0, 1.0, 0.0]


def test_season_turns_once_a_year() -> None:
    built = build(shop({"date": dt.date(2025, 3, 2)}, {"date": dt.date(2026, 3, 2)}), families=["season"])
    assert built["season_sin_1"][0] == pytest.approx(built["season_sin_1"][1], abs=0.01)
    assert (built["season_sin_1"] ** 2 + built["season_cos_1"] ** 2).to_list() == pytest.approx([1.0, 1.0])
    assert built["month"].to_list() == ["03", "03"]


def test_lead_leaves_out_the_days_before() -> None:
    cells = [{"date": on(n), "units": float(n)} for n in range(40)]
    snapshot = shop(*cells)
    assert build(snapshot)["units_7"][39] == 35.0
    assert build(snapshot, lead_days=10)["units_7"][39] == 25.0


def test_a_row_far_ahead_uses_what_is_known_at_as_of() -> None:
    snapshot = shop(*({"date": on(n), "units": float(n)} for n in range(20)), as_of=on(20))
    ahead = pl.DataFrame({"item": [0, 0], "date": [on(20), on(50)], "price": [10.0, 10.0], "promo": [0, 0]})
    assert build(snapshot, ahead)["units_7"].to_list() == [16.0, 16.0]
    assert build(snapshot, ahead)["days_since_sale"].to_list() == [1.0, 31.0]
