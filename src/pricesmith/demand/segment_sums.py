"""Sums over stretches of rows, of many columns at once."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from pricesmith.contracts.curves import Floats, Ints


def segment_sums(values: Floats, starts: Ints) -> Floats:
    """(s, c) sums of values (N, c) from each start to before the next.

    A product with a sparse matrix of ones: numpy's reduceat adds short stretches column by column, ten times slower for 20 columns.
    """
    rows = values.shape[0]
    ones = csr_array((np.ones(rows), np.arange(rows), np.r_[starts, rows]), shape=(starts.size, rows))
    return np.asarray(ones @ values)
