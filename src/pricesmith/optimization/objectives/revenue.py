"""Revenue: net sales after returns."""

from __future__ import annotations

import numpy as np


class Revenue:
    """Units times revenue per unit."""

    unit = "money per day"

    def score(self, price: np.ndarray, units: np.ndarray, margin: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """units * price, in minor units per day; `price` is net revenue per unit."""
        return np.asarray(units * price)


OBJECTIVE = Revenue()
