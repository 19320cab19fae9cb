"""What is said of a held price is what the guards go by: its bound passes, and one unit further does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricesmith.guards.hard_ceiling import GUARD as CEILING
from pricesmith.guards.hard_floor import GUARD as FLOOR
from pricesmith.guards.max_move import GUARD as MOVE
from pricesmith.guards.measured import SETTINGS, measured
from pricesmith.testing.changes import open_state

from .cases import LIMITS, table

CASES: dict[str, tuple[Any, dict[str, Any], float]] = {
    "above_ceiling": (CEILING, {"price": 1700, "median_30d": 1003.0}, 1003),
    "below_floor": (FLOOR, {"price": 300}, 256),
    "step": (MOVE, {"price": 1150, "current_price": 1003, "low_24h": 1003, "high_24h": 1003, "price_7d": 1003}, 1003),
    "day": (MOVE, {"price": 1250, "current_price": 1180, "low_24h": 1003, "high_24h": 1180, "price_7d": 1100}, 1003),
    "week": (MOVE, {"price": 1000, "current_price": 1050, "low_24h": 1050, "high_24h": 1050, "price_7d": 1601}, 1601),
}


@pytest.mark.parametrize("code", SETTINGS)
def test_the_bound_passes_and_one_unit_further_does_not(code: str) -> None:
    guard, row, said = CASES[code]
    held = guard.judge(table(row), open_state(), LIMITS).held[0]
    assert held == code
    against, bound = measured(table(row), [code], LIMITS)
    assert against[0] == said and bound[0] == round(bound[0])
    further = 1 if row["price"] > bound[0] else -1
    inside, outside = (guard.judge(table({**row, "price": int(bound[0]) + by}), open_state(), LIMITS).held[0] for by in (0, further))
    assert (inside, outside) == ("", code)


def test_of_other_codes_and_unknown_figures_nothing_is_said() -> None:
    rows = table({}, {"median_30d": None}, {"landed_cost": 256.0, "fee_rate": 0.95})
    against, bound = measured(rows, ["frozen", "above_ceiling", "below_floor"], LIMITS)
    assert np.isnan(against).all() and np.isnan(bound).all()
