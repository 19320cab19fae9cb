"""What each glitch of the drill does to a batch and a channel, and how its outcome is told."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from pricesmith.contracts.guard import State
from pricesmith.guards.drill import CONTROL, GLITCHES, drill
from pricesmith.testing.changes import open_state
from tests.unit.guards.cases import HOUR, LIMITS, NOW, many

STANDS = [1000, 2000, 999, 3, 700]
BASE = many(5, current_price=STANDS, price=STANDS, min_price=1, follows=0, anchor_price=None, alternations_48h=9)


def spoilt(name: str, **state: object) -> tuple[pl.DataFrame, State]:
    return GLITCHES[name].spoil(BASE, open_state(**state))


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        (CONTROL, STANDS),
        ("blank_minimum", [1] * 5),
        ("units_for_cents", [100_000, 200_000, 99_900, 300, 70_000]),
        ("cents_for_units", [10, 20, 10, 1, 7]),
        ("exchange_rate", [7463, 14925, 7455, 22, 5224]),
        ("exchange_rate_near", [1080, 2160, 1079, 3, 756]),
        ("same_price", [999] * 5),
        ("half_price", [500, 1000, 500, 2, 350]),
        ("poisoned_rival", [910, 1820, 909, 3, 637]),
        ("competitor_loop", [1268, 2537, 1267, 4, 888]),
        ("double_send", STANDS * 2),
    ],
)
def test_prices(name: str, prices: list[int]) -> None:
    """By hand; the loop is 0.9983 x 1.270589 = 1.2684 of The Making of a Fly."""
    assert spoilt(name)[0]["price"].to_list() == prices


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("blank_minimum", {"min_price": None}),
        ("cost_missing", {"landed_cost": None}),
        ("cost_zero", {"landed_cost": 0.0}),
        ("stale_costs", {"cost_at": NOW - 72 * HOUR, "follows": 0}),
        ("stale_rivals", {"competitor_at": NOW - 48 * HOUR, "follows": 1, "anchor_price": 999.0, "alternations_48h": 0, "sellers": 5}),
        ("poisoned_rival", {"competitor_at": NOW, "follows": 1, "anchor_price": 999.0, "sellers": 1, "influence": None}),
        ("competitor_loop", {"competitor_at": NOW, "follows": 1, "anchor_price": 999.0, "sellers": 1, "alternations_48h": 0}),
    ],
)
def test_columns(name: str, columns: dict[str, object]) -> None:
    assert spoilt(name)[0].select(*columns).row(2, named=True) == columns


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (CONTROL, {"wave": 1.0}),
        ("exchange_rate", {"rates": {"DKK": 0.134}, "rates_at": NOW}),
        ("exchange_rate_near", {"rates": {"DKK": 0.926}, "rates_at": NOW}),
        ("order_rush", {"orders": 100_000, "usual": 10.0}),
        ("switch_unreadable", {"stopped": None}),
        ("wrong_code", {"attested": False}),
    ],
)
def test_channel(name: str, fields: dict[str, object]) -> None:
    assert spoilt(name, wave=0.5)[1] == replace(open_state(wave=0.5), **fields)  # type: ignore[arg-type]


def test_a_shop_in_kroner_has_prices_in_another_kind_of_kroner() -> None:
    assert spoilt("exchange_rate", currency="DKK")[1].rates == {"SEK": 0.134}


def test_outcomes() -> None:
    """All prices stand at 1000, so one price on everything changes none, and the first wave, 1 %, leaves."""
    base = many(2000, rank=[row / 2000 for row in range(2000)])
    told = {outcome.name: outcome for outcome in drill(base, open_state(wave=1.0), LIMITS)}
    assert list(told) == list(GLITCHES)
    clean, doubled, rush = told[CONTROL], told["double_send"], told["order_rush"]
    assert (clean.tried, clean.left, clean.stop, clean.guards, clean.codes) == (2000, 2000, "", (), ())
    assert (doubled.tried, doubled.left, doubled.guards, doubled.codes) == (4000, 0, ("G4",), ("twice",))
    assert (rush.tried, rush.left, rush.stop, rush.guards, rush.codes) == (2000, 0, "order_rush", ("G16",), ())
    assert told["half_price"].title == GLITCHES["half_price"].title
    assert {name: outcome.left for name, outcome in told.items() if outcome.left} == {CONTROL: 2000, "same_price": 20}


def test_the_most_frequent_reason_comes_first_and_guards_are_counted_not_spelt() -> None:
    base = many(4, agreed=[0, 2, 2, 2], landed_cost=[256.0, 256.0, 256.0, None], sku=["A", "B", "B", "C"], rank=0.0)
    clean = drill(base, open_state(), LIMITS)[0]
    assert (clean.guards, clean.codes, clean.left) == (("G1", "G4", "G10"), ("twice", "cost_unknown", "not_approved"), 0)
