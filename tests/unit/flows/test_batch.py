"""The day of a run where none is named: after the last day that the last row totals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.flows import batch
from pricesmith.flows.publishing import office


@pytest.mark.parametrize(
    ("period", "dates", "day"),
    [
        ("day", ["2025-03-03", "2025-03-04", "2025-03-05"], "2025-03-06"),
        ("week", ["2025-02-17", "2025-02-24", "2025-03-03"], "2025-03-10"),
        ("month", ["2024-12-01", "2025-01-01", "2025-02-01"], "2025-03-01"),
    ],
)
def test_a_run_starts_when_the_last_row_is_over(tmp_path: Path, period: str, dates: list[str], day: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\nperiod = "{period}"\n', encoding="utf-8")
    (tmp_path / "data" / "products.csv").write_text("sku,unit_cost\na,2\n", encoding="utf-8")
    rows = "".join(f"{date},a,{3 + place},5\n" for place, date in enumerate(dates))
    (tmp_path / "data" / "sales.csv").write_text("date,sku,units,price\n" + rows, encoding="utf-8")
    taken = batch.take(batch.load(tmp_path))
    assert taken.as_of == dt.date.fromisoformat(day)
    assert taken.cells["units"].sum() == 12.0, "a period without a row would be one without a sale"


def shop(folder: Path, rows: str, settings: str = "") -> Path:
    (folder / "data").mkdir()
    (folder / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\n{settings}', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\na,2\n", encoding="utf-8")
    (folder / "data" / "sales.csv").write_text("date,sku,units,price\n" + rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("rows", "day", "told"),
    [
        ("2025-03-03,a,1,5\n", "2025-03-03", "the first day with a sale at a price is 2025-03-03: choose a later --as-of"),
        ("2025-03-03,a,1,0\n2025-03-09,a,1,5\n", "2025-03-05", "the first day with a sale at a price is 2025-03-09"),
        ("2025-03-03,a,1,5\n", "0001-01-01", "as_of: 0001-01-01 cannot be the day of a run (give a day from 1980-01-01 to 2100-01-01)"),
        ("2025-03-03,a,1,5\n", "9999-12-31", "as_of: 9999-12-31 cannot be the day of a run"),
    ],
)
def test_a_day_on_which_nothing_can_be_learned_is_refused_with_what_helps(tmp_path: Path, rows: str, day: str, told: str) -> None:
    loaded = batch.load(shop(tmp_path, rows))
    with pytest.raises(DataError) as refused:
        batch.take(loaded, dt.date.fromisoformat(day))
    assert told in refused.value.line


def test_prices_of_nothing_are_told_with_their_remedy_and_no_other_day(tmp_path: Path) -> None:
    loaded = batch.load(shop(tmp_path, "2025-03-03,a,1,0\n2025-03-04,a,1,0\n"))
    with pytest.raises(DataError, match=r"not one row has a price above 0.*write the prices charged") as refused:
        batch.take(loaded)
    assert "--as-of" not in refused.value.line


def test_a_shop_is_priced_at_the_longest_times_that_can_be_set(tmp_path: Path) -> None:
    """On the first day that a run can have, too."""
    text = "[data]\nstale_after_days = 36500\ncompetitor_max_age_days = 36500\n[guards]\napproval_hours = 500000\n"
    folder = shop(tmp_path, "1980-01-01,a,1,5\n1980-01-02,a,2,5\n2025-03-03,a,1,5\n", text)
    (folder / "data" / "competitor_prices.csv").write_text("observed_at,sku,competitor,price\n1980-01-01,a,x,5\n", encoding="utf-8")
    loaded = batch.load(folder)
    for day in (dt.date(1980, 1, 2), dt.date(2100, 1, 1)):
        priced = batch.price(loaded, day)
        assert priced.decided.decisions.height == 1
        assert office.record_run(folder, priced, loaded.prepared.tables["competitor_prices"], "ann").new
