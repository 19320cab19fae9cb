"""The day of a run where none is named: after the last day that the last row totals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pricesmith.flows import batch


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
