"""Profit: what is left after tax, fees, returns and landed cost."""

from __future__ import annotations

import numpy as np


class Profit:
    """Units times profit per unit."""

    unit = "money per day"

    def score(self, price: np.ndarray, units: np.ndarray, margin: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """units * margin, in minor units per day; `margin` is profit per unit."""
        return np.asarray(units * margin)


OBJECTIVE = Profit()
