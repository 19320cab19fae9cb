"""G8: a switch that stops everything."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, undoing


class KillSwitch:
    """Stops the channel while a person's switch stands or cannot be read; holds products that were stopped one by one.

    A person's stop means everything: no undo leaves either. While a guard's own stop stands (`tripped`), prices may only go back.
    """

    number = "G8"
    incident = "Knight Capital 2012: 45 minutes without a way to stop, $460 million."
    codes = {
        "switch_unreadable": "whether the channel is stopped cannot be read, so it is",
        "stopped": "the channel is stopped; two people release it (`pricesmith resume`)",
        "sku_stopped": "the product is stopped; two people release it (`pricesmith resume`)",
        "tripped": "a guard stopped the channel: prices may only go back until two people release it",
    }
    reads = ("sku",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        single = changes["sku"].is_in(list(state.stopped_skus)).fill_null(True).to_numpy()
        tripped = ~undoing(changes) & (state.tripped != "")
        stop = "switch_unreadable" if state.stopped is None else "stopped" if state.stopped else ""
        verdict = held(changes.height, [("sku_stopped", single), ("tripped", np.asarray(tripped))])
        return Verdict(verdict.held, stop, everything=stop != "")


GUARD = KillSwitch()
