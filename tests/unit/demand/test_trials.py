"""Trials of the last blocks: each is foretold by forecasters that have not seen it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricesmith.demand.lags import History
from pricesmith.demand.trees import past_rows
from pricesmith.demand.trials import BLOCKS, blocks, tried

pytest.importorskip("lightgbm")
ITEMS, WEEKS, HORIZON = 20, 90, 8


def past(seed: int = 0) -> History:
    """Weekly sales of items around levels of their own."""
    rng = np.random.default_rng(seed)
    shape = (ITEMS, WEEKS)
    units = rng.poisson(np.exp(rng.uniform(1.0, 3.0, (ITEMS, 1))), shape).astype(float)
    code = np.arange(ITEMS)
    return History(
        units=units,
        open=np.ones(shape, dtype=bool),
        effect=np.zeros(shape),
        price=np.zeros(shape),
        promo=np.zeros(shape),
        calendar=np.zeros((WEEKS + HORIZON, 1)),
        names=("month",),
        year=52,
        halflife=6.0,
        product=code,
        place=np.zeros(ITEMS, dtype=np.int64),
        category=np.zeros(ITEMS, dtype=np.int64),
        peers=code,
    )


def test_blocks_follow_one_another_to_the_end():
    spans = blocks(past_rows(past(), HORIZON, 0), HORIZON)
    assert len(spans) == BLOCKS
    assert spans[0] == (WEEKS - HORIZON, WEEKS)
    assert spans[1] == (WEEKS - 2 * HORIZON, WEEKS - HORIZON)


def test_a_short_history_has_fewer_blocks():
    history = past()
    short = replace(history, units=history.units[:2, :14], open=history.open[:2, :14], price=history.price[:2, :14])
    rows = past_rows(replace(short, effect=history.effect[:2, :14], promo=history.promo[:2, :14]), 2, 0)
    assert len(blocks(rows, 2)) < BLOCKS


@pytest.mark.real  # long
def test_the_effect_of_a_block_is_asked_for_by_its_first_period():
    history = past()
    rows = past_rows(history, HORIZON, 0)
    asked = []
    tried(lambda start: asked.append(start) or history, rows, blocks(rows, HORIZON), 0)
    assert asked == [WEEKS - HORIZON, WEEKS - 2 * HORIZON]


@pytest.mark.real  # long
def test_sales_of_a_block_do_not_move_the_trees_that_foretell_it():
    history = past()
    rows = past_rows(history, HORIZON, 0)
    span = [(WEEKS - HORIZON, WEEKS)]
    tripled = history.units.copy()
    tripled[:, -1] *= 3.0
    plain, other = (tried(lambda _, units=units: replace(history, units=units), rows, span, 0) for units in (history.units, tripled))
    # sales of the last period are the past of no row; rounds may differ, since the block itself says when to stop
    assert other.units.sum() > 1.2 * plain.units.sum()
    assert np.abs(other.logs - plain.logs).mean() < 0.05
