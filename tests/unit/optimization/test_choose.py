"""One run: ties between prices, items that must stay, weights, risk, the frontier."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from pricesmith.contracts.curves import Curves, Ladder
from pricesmith.contracts.errors import DataError, UnknownChoice
from pricesmith.contracts.policy import RiskPolicy
from pricesmith.contracts.rule import Coupling, Ties
from pricesmith.optimization import Problem, choose
from pricesmith.optimization.argmax import best_columns
from pricesmith.optimization.blocks import closed_blocks
from pricesmith.optimization.frontier import efficient_frontier
from pricesmith.optimization.objectives import OBJECTIVES

PRICES = np.array([800, 900, 1000, 1100, 1200])


def shop(elasticity: list[float], landed: float = 500.0, cross: float = 0.0, draws: int = 1) -> Problem:
    """Items that cost 5.00, sell one a day at 10.00, and may cost 8.00 to 12.00; all in one family where `cross` is not 0."""
    count = len(elasticity)
    e = np.array(elasticity)
    ladder = Ladder(np.tile(PRICES, (count, 1)), np.ones((count, 5), dtype=bool), np.full(count, 2))
    none = np.zeros(count)
    curves = Curves(
        units=np.exp(e[:, None] * np.log(PRICES / 1000.0)),
        draws=np.sort(e[:, None] + np.linspace(-1, 1, draws)[None, :] * (draws > 1), axis=1),
        level=np.zeros((count, draws)),
        form=none.astype(np.int64),
        saturation=none,
        base=np.ones(count),
        cross=np.full(count, cross),
        cross_deviation=none,
        family=np.zeros(count, dtype=np.int64) if cross else np.full(count, -1),
        evidence=none.astype(np.int64),
        dispersion=0.0,
    )
    one = np.ones(count)
    return Problem(ladder, np.ones((count, 5), dtype=bool), curves, one, one, landed * one, 0.0 * one)


def test_each_item_takes_its_best_price() -> None:
    chosen = choose(shop([-1.5, -2.0, -4.0]))
    assert PRICES[chosen.column].tolist() == [1200, 1000, 800]
    assert chosen.value == pytest.approx(700 * 1.2**-1.5 + 500 + 300 * 0.8**-4)
    assert (chosen.gap, chosen.sweeps, chosen.multipliers) == (0.0, 0, {})


def test_substitutes_are_priced_higher_together() -> None:
    alone, linked = choose(shop([-2.0, -2.0])), choose(shop([-2.0, -2.0], cross=1.0))
    assert (linked.column > alone.column).all()
    assert linked.bound >= linked.value > alone.value


def test_complements_are_priced_lower_together() -> None:
    assert (choose(shop([-2.0, -2.0], cross=-1.0)).column < 2).all()


def test_an_item_that_may_not_move_still_counts_in_its_family() -> None:
    made = shop([-2.0, -2.0], cross=1.0)
    allowed = made.allowed.copy()
    allowed[0] = False
    chosen = choose(dataclasses.replace(made, allowed=allowed))
    assert chosen.column[0] == 2
    assert chosen.column[1] > 2


def test_equal_values_stay_then_go_near_then_low() -> None:
    prices = np.tile(PRICES, (4, 1))
    values = np.array([[1, 1, 1, 1, 1], [0, 2, 0, 2, 0], [3, 0, 0, 3, 0], [-np.inf] * 5], dtype=float)
    assert best_columns(values, np.array([2, 2, 2, 4]), prices).tolist() == [2, 1, 3, 4]
    assert best_columns(values[3:], np.array([-1]), prices[3:]).tolist() == [-1]


def test_items_without_an_allowed_or_a_current_price() -> None:
    made = shop([-1.5, -1.5])
    allowed = np.array([[False] * 5, [True] * 5])
    ladder = dataclasses.replace(made.ladder, current=np.array([2, -1]))
    chosen = choose(dataclasses.replace(made, ladder=ladder, allowed=allowed))
    assert chosen.column.tolist() == [2, -1]
    assert chosen.value == pytest.approx(500.0)


def test_an_unknown_cost_is_refused_where_a_price_is_allowed() -> None:
    made = shop([-1.5])
    with pytest.raises(DataError, match="item 0"):
        choose(dataclasses.replace(made, landed=np.array([np.nan])))
    kept = choose(dataclasses.replace(made, landed=np.array([np.nan]), allowed=np.zeros((1, 5), dtype=bool)))
    assert (kept.column.tolist(), kept.value) == ([2], 0.0)


def test_objectives_and_their_mixes() -> None:
    made = shop([-2.0])
    assert sorted(OBJECTIVES) == ["profit", "revenue", "units"]
    best = {name: int(PRICES[choose(dataclasses.replace(made, weights={name: 1.0})).column[0]]) for name in OBJECTIVES}
    assert best == {"profit": 1000, "revenue": 800, "units": 800}
    mixed = choose(dataclasses.replace(made, weights={"profit": 0.5, "units": 0.5}))
    assert mixed.value == pytest.approx(max(0.5 * (p - 500 + 100) * (p / 1000) ** -2 for p in PRICES))
    with pytest.raises(UnknownChoice, match="profit, revenue, units"):
        choose(dataclasses.replace(made, weights={"luck": 1.0}))


def test_risk_counts_the_bad_draws() -> None:
    made = shop([-2.5] * 2, draws=21)
    values = {
        name: choose(dataclasses.replace(made, risk=RiskPolicy(measure=name, level=0.2))).value  # type: ignore[arg-type]
        for name in ("mean", "quantile", "cvar")
    }
    assert values["cvar"] <= values["quantile"] <= values["mean"] * 1.05
    keep = choose(dataclasses.replace(made, risk=RiskPolicy(measure="cvar", level=0.05))).value
    assert keep >= 2 * 500.0 - 1e-9


def test_a_budget_takes_the_most_valuable_change() -> None:
    made = shop([-1.5, -1.2, -1.8])
    budget = Coupling("changed", np.zeros(3, dtype=np.int64), np.array([-np.inf]), np.array([1.0]), ("all",))
    chosen = choose(dataclasses.replace(made, couplings=(budget,)))
    assert chosen.column.tolist() == [2, 4, 2]
    assert chosen.bound >= chosen.value
    assert list(chosen.multipliers) == ["changed:all"]


def test_an_unknown_coupling_is_refused() -> None:
    strange = Coupling("weather", np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1), ("all",))
    with pytest.raises(UnknownChoice, match="weather"):
        choose(dataclasses.replace(shop([-2.0]), couplings=(strange,)))


def test_one_price_for_all() -> None:
    tied = Ties(np.array([0, 1]), np.array([1, 2]), np.ones(2), np.ones(2))
    chosen = choose(dataclasses.replace(shop([-1.5, -2.0, -4.0]), ties=tied))
    total = ((PRICES - 500) * np.exp(np.array([[-1.5], [-2.0], [-4.0]]) * np.log(PRICES / 1000))).sum(axis=0)
    assert len(set(chosen.column.tolist())) == 1
    assert chosen.value == pytest.approx(total.max())
    assert chosen.gap == pytest.approx(0.0, abs=1e-12)


def test_a_line_keeps_its_distance() -> None:
    tied = Ties(np.array([0]), np.array([1]), np.array([1.1]), np.array([np.inf]))
    chosen = choose(dataclasses.replace(shop([-1.2, -4.0]), ties=tied))
    first, second = PRICES[chosen.column]
    assert second >= 1.1 * first, "both cost 10.00 today, and other prices are open to them"
    assert chosen.gap == pytest.approx(0.0, abs=1e-12)


def test_a_budget_mends_as_many_lines_as_it_leaves_room_for() -> None:
    tied = Ties(np.array([0, 2]), np.array([1, 3]), np.full(2, 1.4), np.full(2, np.inf))
    made = dataclasses.replace(shop([-1.5] * 4), ties=tied)
    for most, mended in ((4.0, 2), (3.0, 1), (2.0, 1), (1.0, 0), (0.0, 0)):
        budget = Coupling("changed", np.zeros(4, dtype=np.int64), np.array([-np.inf]), np.array([most]), ("all",))
        chosen = choose(dataclasses.replace(made, couplings=(budget,)))
        prices = PRICES[chosen.column]
        assert (prices != 1000).sum() <= most
        assert tied.met(prices).sum() == mended
        assert chosen.bound >= chosen.value


def test_a_group_without_any_plan_keeps_no_other_group_from_being_mended() -> None:
    """Items 0 and 1 must share a price and have none in common, nor today's; 2 and 3, for which one is open, find it."""
    made = dataclasses.replace(shop([-1.5] * 4), ties=Ties(np.array([0, 2]), np.array([1, 3]), np.ones(2), np.ones(2)))
    current, allowed = np.array([2, 1, 1, 3]), made.allowed.copy()
    allowed[0], allowed[1] = [True, False, False, False, False], [False, False, False, False, True]
    chosen = choose(dataclasses.replace(made, allowed=allowed, ladder=dataclasses.replace(made.ladder, current=current)))
    assert chosen.column[:2].tolist() == [2, 1], "they stay as they are"
    assert chosen.column[2] == chosen.column[3]


def test_couplings_that_only_kept_prices_meet_reopen_them() -> None:
    made = shop([-1.5, -1.5])
    allowed = made.allowed.copy()
    allowed[:, 2] = False
    none = Coupling("changed", np.zeros(2, dtype=np.int64), np.array([-np.inf]), np.array([0.0]), ("all",))
    assert choose(dataclasses.replace(made, allowed=allowed, couplings=(none,))).column.tolist() == [2, 2]


def test_blocks_cover_every_item_once_and_tear_neither_family_nor_tie() -> None:
    family = np.array([0, 1, 2, 0, 1, 2, 0, 1, -1])
    tied = Ties(np.array([8]), np.array([0]), np.ones(1), np.ones(1))
    for cells, ties in itertools.product((1, 12, 10**6), (None, tied)):
        seen = closed_blocks(np.arange(9) + 3, family, ties, cells)
        assert sorted(np.concatenate(seen).tolist()) == list(range(9))
        assert all((np.diff(rows) > 0).all() for rows in seen)
        for rows in seen:
            kin = family[rows][family[rows] >= 0]
            assert np.isin(np.flatnonzero(np.isin(family, kin)), rows).all()
            assert ties is None or np.isin(8, rows) == np.isin(0, rows)
    assert len(closed_blocks(np.full(9, 4), family, tied, 1)) == 3
    assert len(closed_blocks(np.full(9, 4), family, None, 1)) == 4


def test_families_are_chosen_as_if_each_were_alone() -> None:
    made = shop([-2.0] * 9, cross=0.5)
    made = dataclasses.replace(made, curves=dataclasses.replace(made.curves, family=np.array([0, 1, 2] * 3)))
    assert choose(made).value == pytest.approx(3 * choose(shop([-2.0] * 3, cross=0.5)).value)


@pytest.mark.parametrize("against", ["revenue", "units"])
def test_the_frontier_trades_profit_for_the_other(against: str) -> None:
    table = efficient_frontier(shop([-1.6, -2.0, -2.4, -3.0]), against, points=6)
    assert table.height == 6
    assert table["efficient"].all()
    assert (table["profit"].diff().drop_nulls() <= 1e-9).all()
    assert (table[against].diff().drop_nulls() >= -1e-9).all()
    assert table["profit"][0] == pytest.approx(choose(shop([-1.6, -2.0, -2.4, -3.0])).value)
