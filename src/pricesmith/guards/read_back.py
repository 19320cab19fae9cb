"""G18: what was written must be what stands there."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy


class ReadBack:
    """Stops the channel where a published price was not found in the shop `readback_tries` times in a row.

    Nothing leaves, not even an undo: what is written does not arrive, or arrives elsewhere.
    """

    number = "G18"
    incident = "United 2015: fares were filed right, and sold wrong. Nobody read them as a buyer sees them."
    codes = {
        "mismatch": "published prices are not found in the shop; somebody else sets them, or they go elsewhere",
        "mismatch_unknown": "whether published prices were found cannot be read",
    }
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        stop = "mismatch_unknown" if not state.mismatches >= 0 else "mismatch" if state.mismatches >= limits.readback_tries else ""
        return Verdict(Verdict.none(changes.height).held, stop, everything=stop != "")


GUARD = ReadBack()
