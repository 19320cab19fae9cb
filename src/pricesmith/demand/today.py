"""What is asked today for each item, by the shop and by its competitors."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot

from .state import Known


def current_prices(snapshot: Snapshot, known: Known) -> Floats:
    """(n,) current price in major units, the reference where none is known."""
    current = _major(snapshot, "current_price")
    return np.where(np.isfinite(current) & (current > 0), current, known.reference)


def rival_gaps(snapshot: Snapshot, known: Known) -> Floats:
    """(n,) log of the competitors' price over its mean in the history, limited to +-0.7; 0 where unknown."""
    offer = _major(snapshot, "competitor_price")
    valid = np.isfinite(offer) & (offer > 0) & (known["rival_mean"] != 0)
    return np.where(valid, np.clip(np.log(np.where(valid, offer, 1.0)) - known["rival_mean"], -0.7, 0.7), 0.0)


def _major(snapshot: Snapshot, column: str) -> Floats:
    minor = snapshot.items[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.asarray(minor / 10.0 ** exponent(snapshot.currency))
