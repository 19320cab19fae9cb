"""Pass-through of costs into prices that are decided some days before they hold, on made prices whose habits are known."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand import first_stage
from pricesmith.demand.first_stage import LAGS, FirstStage, Settings, learn_first_stage, settings
from pricesmith.demand.identification import markup, price_age
from pricesmith.demand.panel import Panel
from pricesmith.demand.promotion_kinds import Kinds

ITEMS, DAYS, PASSED = 150, 420, 0.8


def made(lags: np.ndarray, seed: int = 5, unknown: float = 0.0) -> Panel:
    """Costs step every ten weeks or so; prices answer them and a fading shock, are decided by chance, sooner after a new cost, and hold
    `lags` (ITEMS,) days later.

    unknown  share of the items without any cost
    """
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random((ITEMS, DAYS)) < 1.0 / 70.0, rng.normal(0.0, 0.12, (ITEMS, DAYS)), np.nan)
    steps[:, 0] = 0.0
    last = np.maximum.accumulate(np.where(np.isfinite(steps), np.arange(DAYS), 0), axis=1)
    cost = np.take_along_axis(steps, last, axis=1)
    answer = np.zeros((ITEMS, DAYS))
    keep = 0.8 ** (1 / 7)
    for day in range(1, DAYS):
        answer[:, day] = keep * answer[:, day - 1] + rng.normal(0.0, 0.1 * np.sqrt(1.0 - keep**2), ITEMS)
    wish = PASSED * cost + answer + rng.normal(0.0, 0.02, (ITEMS, DAYS))
    since = np.arange(DAYS) - last
    decided = rng.random((ITEMS, DAYS)) < np.where((since < 6) & (last > 0), 1.0 / 3.0, 1.0 / 21.0)
    decided[:, 0] = True
    price = np.take_along_axis(wish, np.maximum.accumulate(np.where(decided, np.arange(DAYS), 0), axis=1), axis=1)
    shown = np.stack([np.r_[np.full(lag, row[0]), row[: DAYS - lag]] for row, lag in zip(price, lags, strict=True)])
    cost = np.where((rng.random(ITEMS) < unknown)[:, None], np.nan, cost)
    zero, starts = np.zeros(ITEMS * DAYS), np.arange(ITEMS) * DAYS
    item, day = np.repeat(np.arange(ITEMS), DAYS), np.tile(np.arange(DAYS), ITEMS)
    none = np.zeros(zero.size, np.int64)
    return Panel(
        item, day, zero, zero + 1, shown.ravel(), zero, none, zero, zero, shown.ravel(), cost.ravel(), starts, np.arange(ITEMS), Kinds(())
    )


def learned(panel: Panel) -> tuple[Settings, FirstStage]:
    known = settings(panel, price_age(panel)[1], "day")
    return known, learn_first_stage(known, "day")


def without_lags(panel: Panel) -> float:
    """Pass-through as the costs of the days on which prices came to hold tell it."""
    return learn_first_stage(settings(panel, price_age(panel)[1], "month"), "month").pass_through


def test_memory_and_noise_are_chosen_by_some_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as from a shop of these items alone; the pass-through rests on all."""
    panel = made(np.random.default_rng(1).integers(0, 7, ITEMS))
    known = settings(panel, price_age(panel)[1], "day")
    kept = known.owner % 3 == 0
    few = Settings(
        known.row[kept], np.flatnonzero(np.diff(known.owner[kept], prepend=-1)), known.owner[kept] // 3, known.day[kept],
        known.price[kept], known.costs[:, kept],
    )  # fmt: skip
    whole, alone = learn_first_stage(known, "day"), learn_first_stage(few, "day")
    monkeypatch.setattr(first_stage, "CHOSEN_BY", ITEMS // 3)
    found = learn_first_stage(known, "day")
    assert (found.memory, found.noise) == (alone.memory, alone.noise)
    assert found.pass_through == pytest.approx(whole.pass_through, abs=0.01) and found.pass_through != alone.pass_through
    assert found.cost.size == known.row.size


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_the_lag_of_each_item_is_allowed_for(seed: int) -> None:
    lags = np.random.default_rng(1).integers(0, 7, ITEMS)
    panel = made(lags, seed)
    known, stage = learned(panel)
    assert abs(stage.pass_through - PASSED) < 0.05
    assert without_lags(panel) < PASSED - 0.1
    found = (known.day - stage.decided)[known.starts]
    assert np.corrcoef(found, lags)[0, 1] > 0.6
    assert 0.7 <= stage.memory <= 0.9


def test_prices_that_hold_at_once_have_no_lag() -> None:
    known, stage = learned(made(np.zeros(ITEMS, int)))
    assert np.mean(known.day - stage.decided) < 1.0
    assert abs(stage.pass_through - PASSED) < 0.05


def test_items_without_costs_stand_aside() -> None:
    panel = made(np.zeros(ITEMS, int), unknown=0.4)
    known, stage = learned(panel)
    assert np.isfinite(known.costs).all() and np.isfinite(stage.cost).all()
    control = markup(panel, ITEMS, "day")
    blind = ~np.isfinite(panel.cost)
    assert blind.any() and not control.columns[blind].any() and not control.demand[blind].any() and control.demand[~blind].any()
    assert not control.moved[panel.item[blind]].any()


def test_no_cost_at_all_tells_nothing() -> None:
    panel = made(np.zeros(ITEMS, int), unknown=1.0)
    known, stage = learned(panel)
    assert known.row.size == 0 and stage.pass_through == 0.0
    control = markup(panel, ITEMS, "day")
    assert not control.columns.any() and not control.demand.any() and control.first_stage_f == 0.0


def test_a_cost_is_looked_up_days_before_but_not_before_the_item_came() -> None:
    panel = made(np.full(ITEMS, 3))
    known = settings(panel, price_age(panel)[1], "day")
    cost = panel.cost.reshape(ITEMS, DAYS)
    item = panel.item[known.row]
    for place, lag in enumerate(LAGS["day"]):
        np.testing.assert_array_equal(known.costs[place], cost[item, np.maximum(known.day - lag, 0)])
