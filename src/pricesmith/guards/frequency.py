"""G4: prices do not change all the time."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES

from .columns import age_hours, held, number, undoing


class Frequency:
    """Holds a second change of a price within `dwell_minutes`, and more than `changes_day` changes within 24 hours.

    Two rows for one product in one batch are both held: which of them is meant is unknown. An undo need not wait, and may take as many
    changes again within 24 hours, so that the last change of a day can be taken back, but undoing cannot go on for ever.
    """

    number = "G4"
    incident = "Repricers that answer each other within minutes; a change that is sent twice."
    codes = {
        "twice": "the batch holds two prices for this product",
        "history_unknown": "when and how often the price changed is unknown; read the shop's prices first",
        "dwell": "the price changed, or was first seen, a moment ago; it may change again later",
        "changes_day": "the price changed too often within 24 hours",
    }
    reads = ("changes_24h", "changed_at")
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        back, count, age = undoing(changes), number(changes, "changes_24h"), age_hours(changes, "changed_at", state.at)
        most = np.where(back, 2 * limits.changes_day, limits.changes_day)
        with np.errstate(invalid="ignore"):
            reasons = [
                ("twice", _twice(changes)),
                ("history_unknown", np.isnan(age) | ~(count >= 0)),
                ("dwell", (age * 60 < limits.dwell_minutes) & ~back),
                ("changes_day", count >= most),
            ]
        return held(changes.height, reasons)


def _twice(changes: pl.DataFrame) -> Flags:
    """(n,) True where another row has the same key; looks at whole keys only where a product has several rows."""
    if changes["sku"].n_unique() == changes.height:
        return np.zeros(changes.height, dtype=np.bool_)
    return changes.select(CHANGES.key).is_duplicated().to_numpy()


GUARD = Frequency()
