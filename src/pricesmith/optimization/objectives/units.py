"""Units: how much is sold."""

from __future__ import annotations

import numpy as np


class Units:
    """Units alone. In a mix with money, one unit counts as one major unit of currency."""

    unit = "units per day"

    def score(self, price: np.ndarray, units: np.ndarray, margin: np.ndarray) -> np.ndarray:
        """units, whatever the price."""
        return np.asarray(units + 0.0 * (price + margin))


OBJECTIVE = Units()
