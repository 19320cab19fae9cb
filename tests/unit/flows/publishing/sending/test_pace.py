"""Of approved prices only so many leave at once as the price level may move."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.publishing.sending.pace import in_turn
from pricesmith.testing.changes import clean_changes, open_state

LIMITS = GuardPolicy(index_hour=0.02, index_day=0.9)


@pytest.mark.parametrize("revenue", [None, 1e6])
def test_changes_without_a_weight_are_not_weightless(revenue: float | None) -> None:
    """Ten prices rise by 10 %: 0.9 of 2 % are used up by the first of them, whatever the channel is known to bring."""
    changes = clean_changes(np.random.default_rng(1), 10).with_columns(revenue=None, current_price=1000, price=1100, undo=0)
    state = dataclasses.replace(open_state(), revenue=revenue, wave=1.0, index_hour=0.0, index_day=0.0)
    assert int(in_turn(changes, state, LIMITS).sum()) == 1


def test_a_known_weight_counts_against_the_whole_channel() -> None:
    changes = clean_changes(np.random.default_rng(1), 10).with_columns(revenue=100.0, current_price=1000, price=1100, undo=0)
    state = dataclasses.replace(open_state(), revenue=10_000.0, wave=1.0, index_hour=0.0, index_day=0.0)
    assert in_turn(changes, state, LIMITS).all()
    assert int(in_turn(changes, dataclasses.replace(state, revenue=1000.0), LIMITS).sum()) == 1
