"""Sums by group."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


def group_sum(group: Ints, values: Floats, groups: int = 0) -> Floats:
    """Sum of values in each group.

    group   (N,) group numbers from 0
    values  (N,) or (N, k)
    groups  number of groups where larger than the largest number + 1
    """
    if values.ndim == 1:
        return np.bincount(group, values, groups).astype(np.float64)
    return np.stack([np.bincount(group, column, groups) for column in values.T], axis=1).astype(np.float64)
