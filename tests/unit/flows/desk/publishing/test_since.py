"""What came into the shop since a run was made, or since its data ends: days are those of the shop."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.publishing.since import InShop, in_shop
from pricesmith.flows.desk.reading.ledger import KEY
from tests.desk.place import place

SEEN = dt.datetime(2026, 5, 31, 17, tzinfo=dt.UTC)
"""The first of June in Shanghai, the last of May in New York."""


@pytest.mark.parametrize(("timezone", "unknown"), [("UTC", False), ("Asia/Shanghai", True), ("America/New_York", False)])
def test_a_price_of_the_day_on_which_the_data_ends_is_not_known_to_the_run(tmp_path: Path, timezone: str, unknown: bool) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    run = reading.run(desk.run)
    keys = run.changes.select(KEY).head(1)
    key = Key(*keys.row(0))
    seen = pl.DataFrame([["web", *key, SEEN, 777, "EUR", "drift", None]], schema=APPLIED.schema, orient="row")
    reading.book.append(Act(reading.now(), "w", "read_shop", "web: 1 prices"), {"applied": seen})
    later = {**run.row, "seq": reading.rows("audit").height, "as_of": dt.date(2026, 6, 1)}
    run = dataclasses.replace(run, row=later, policy=msgspec.structs.replace(run.policy, timezone=timezone))
    found = in_shop(reading, run, keys, reading.now())
    assert found == ({key: InShop(777, SEEN, "web", None)} if unknown else {})
