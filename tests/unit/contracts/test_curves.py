"""The ladder of today's prices alone."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import today_alone


def test_a_product_without_a_price_has_no_candidate_and_no_price_of_nothing() -> None:
    ladder = today_alone(np.array([399, 0, 1]))
    assert ladder.prices.tolist() == [[399], [1], [1]]
    assert ladder.valid.tolist() == [[True], [False], [True]]
    assert ladder.current.tolist() == [0, -1, 0]
