"""When the waves of a run are foreseen to leave, and why not before."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.publishing.ahead import Coming, Left, ahead, rests

AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
WAVES = GuardPolicy(canary=(0.1, 0.5), canary_least=1, canary_minutes=60.0)
LEAST = GuardPolicy(canary_least=20, canary_minutes=60.0)


def at(*minutes: float) -> list[dt.datetime]:
    return [AT + one * MINUTE for one in minutes]


def free(count: int, *later: float | None) -> list[Left]:
    """So many prices that may move now, and some that may later, or of which nobody knows when."""
    return [Left(AT, "rest")] * count + [Left(None if one is None else AT + one * MINUTE, "rest") for one in later]


def said(found: list[Coming]) -> list[tuple[float | None, float | None, int, str, int]]:
    """As the tests write it: minutes from now."""
    minutes = [tuple(None if moment is None else (moment - AT) / MINUTE for moment in (one.at, one.until)) for one in found]
    return [(*both, one.count, one.why, one.empty) for both, one in zip(minutes, found, strict=True)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("limits", "arrived", "left", "expected"),
    [
        (WAVES, [], free(100), [(None, None, 10, "now", 0), (60, 60, 40, "wave", 0), (120, 120, 50, "wave", 0)]),
        (WAVES, [], free(0, *[15] * 100), [(15, 15, 10, "rest", 0), (75, 75, 40, "wave", 0), (135, 135, 50, "wave", 0)]),
        (WAVES, [], free(99, 15), [(None, None, 10, "now", 0), (60, 60, 40, "wave", 0), (120, 120, 50, "wave", 0)]),
        (WAVES, [], free(1, *[15] * 99), [(None, 15, 10, "now", 0), (75, 75, 40, "wave", 0), (135, 135, 50, "wave", 0)]),
        (WAVES, at(*[-20] * 10), free(90), [(40, 40, 40, "wave", 0), (100, 100, 50, "wave", 0)]),
        (WAVES, at(*[-80] * 10), free(90), [(None, None, 40, "now", 0), (60, 60, 50, "wave", 0)]),
        (WAVES, at(*[-20] * 5), free(95), [(None, None, 5, "now", 0), (60, 60, 40, "wave", 0), (120, 120, 50, "wave", 0)]),
        (LEAST, [], free(20), [(None, None, 20, "now", 0)]),
        (LEAST, [], free(60), [(None, None, 20, "now", 0), (120, 120, 10, "wave", 1), (180, 180, 30, "wave", 0)]),
        (LEAST, at(*[-30] * 20), free(5), [(150, 150, 5, "wave", 2)]),
        (LEAST, at(*[-70] * 20), free(40), [(50, 50, 10, "wave", 1), (110, 110, 30, "wave", 0)]),
        (GuardPolicy(canary_minutes=0.0), [], free(100), [(None, None, 20, "now", 0), (None, None, 80, "now", 0)]),
        (WAVES, at(-1), [], []),
        (WAVES, [], free(0, *[None] * 10, *[0] * 90), []),
        (WAVES, [], free(9, *[None] * 91), [(None, None, 9, "now", 0)]),
    ],
)
def test_the_waves_to_come(limits: GuardPolicy, arrived: list[dt.datetime], left: list[Left], expected: list[object]) -> None:
    """Nine of ten prices of a wave must stand there before its hour counts; a wave that brings no price passes all the same."""
    assert said(ahead(limits, arrived, len(arrived) + len(left), left, AT)) == expected


def test_what_is_looked_at_again_later_says_so() -> None:
    assert [one.why for one in ahead(WAVES, [], 1, [Left(AT + MINUTE, "turn")], AT)] == ["turn"]


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
