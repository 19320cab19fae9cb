"""What every objective must keep to: additive over items and linear in units, so that sums, draws and cross effects stay exact."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.protocols import Objective


def check_objective(objective: Objective, seed: int = 0) -> None:
    """Raise AssertionError with the promise that an objective breaks."""
    rng = np.random.default_rng(seed)
    price, margin = rng.uniform(1, 5000, (2, 40, 6))
    margin -= 1000.0
    units, more = rng.gamma(1.0, 3.0, (2, 40, 6))
    score = objective.score(price, units, margin)
    assert objective.unit.strip(), "an objective names its unit"
    assert score.shape == units.shape, "one value a price"
    assert np.isfinite(score).all(), "values are finite"
    assert np.allclose(objective.score(price, np.zeros_like(units), margin), 0.0), "no units, no value"
    both = objective.score(price, units + more, margin)
    assert np.allclose(both, score + objective.score(price, more, margin)), "twice the units, twice the value"
    alone = np.array([objective.score(price[i], units[i], margin[i]) for i in range(len(price))])
    assert np.array_equal(alone, score), "an item alone scores as in a block"
    assert np.array_equal(objective.score(price[:, :1], units, margin[:, :1]).shape, units.shape), "arguments broadcast"
