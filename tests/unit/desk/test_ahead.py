"""When the waves of a run are foreseen to leave, and the last of them."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.ahead import Ahead, ahead, rests

AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
WAVES = GuardPolicy(canary=(0.1, 0.5), canary_least=1, canary_minutes=60.0)


def at(*minutes: float) -> list[dt.datetime]:
    return [AT + one * MINUTE for one in minutes]


def free(count: int, *later: float) -> pl.Series:
    """So many prices that may move now, and some that may later."""
    return pl.Series([AT] * count + at(*later), dtype=pl.Datetime("us", "UTC"))


@pytest.mark.parametrize(
    ("limits", "arrived", "rested", "expected"),
    [
        (WAVES, [], free(100), Ahead(3, None, AT + 120 * MINUTE, AT + 60 * MINUTE)),
        (WAVES, [], free(0, *[15] * 100), Ahead(3, AT + 15 * MINUTE, AT + 135 * MINUTE, AT + 75 * MINUTE)),
        (WAVES, [], free(99, 15), Ahead(3, None, AT + 120 * MINUTE, AT + 60 * MINUTE)),
        (WAVES, [], free(1, *[15] * 99), Ahead(3, None, AT + 135 * MINUTE, AT + 75 * MINUTE)),
        (WAVES, at(*[-20] * 10), free(90), Ahead(2, AT + 40 * MINUTE, AT + 100 * MINUTE, AT + 40 * MINUTE)),
        (WAVES, at(*[-80] * 10), free(90), Ahead(2, None, AT + 60 * MINUTE, AT + 60 * MINUTE)),
        (WAVES, at(*[-20] * 5), free(95), Ahead(3, None, AT + 120 * MINUTE, AT + 60 * MINUTE)),
        (GuardPolicy(canary_least=20, canary_minutes=60.0), [], free(20), Ahead(1, None, None)),
        (GuardPolicy(canary_minutes=0.0), [], free(100), Ahead(2, None, None)),
        (WAVES, at(-1), free(0), None),
    ],
)
def test_the_last_wave(limits: GuardPolicy, arrived: list[dt.datetime], rested: pl.Series, expected: Ahead | None) -> None:
    """Nine of ten prices of a wave must stand there before its hour counts."""
    assert ahead(limits, arrived, len(arrived) + rested.len(), rested, AT) == expected


def test_a_price_rests_after_it_moved_and_where_the_shop_was_never_read() -> None:
    row = {"target": "web", "channel": "d", "region": "d", "price": 1, "currency": "EUR", "cause": "found"}
    told = [{**row, "sku": sku, "at": AT + minutes * MINUTE} for sku, minutes in (("old", -60), ("new", -5), ("late", 0))]
    told += [{**row, "sku": "new", "target": "other", "at": AT - 90 * MINUTE}]
    applied = pl.DataFrame(
        [{**dict.fromkeys(APPLIED.schema.names()), **one} for one in told], schema=APPLIED.schema, orient="row"
    ).with_row_index("seq")
    reading: Any = SimpleNamespace(rows=lambda _table: applied, policy=SimpleNamespace(guards=GuardPolicy(dwell_minutes=30.0)))
    keys = pl.DataFrame({"sku": ["new", "old", "unseen", "late"], "channel": ["d"] * 4, "region": ["d"] * 4})
    assert rests(reading, "web", keys, AT).to_list() == at(25, 0, 30, 30)
    later = rests(reading, "web", keys, AT + 10 * MINUTE).to_list()
    assert later == at(25, 10, 40, 30), "looked at later, a price that was seen rests until the same moment"
