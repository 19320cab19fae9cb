"""G19: an alarm stops, it does not write letters."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy


class Alarms:
    """Stops the channel while a critical alarm stands that has no stop of its own. Prices may go back."""

    number = "G19"
    incident = "Knight Capital 2012: 97 warning mails that nobody read."
    codes = {"alarm": "a critical alarm stands; look at it, then release the channel"}
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        return Verdict(Verdict.none(changes.height).held, "alarm" if state.alarms else "")


GUARD = Alarms()
