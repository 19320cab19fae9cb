"""G12: watch before acting."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, number, undoing


class ShadowMode:
    """Holds changes that no person looked at until the policy has been run in shadow for `shadow_days`.

    Changes that people accepted are none of its business, nor is an undo.
    """

    number = "G12"
    incident = "Knight Capital 2012: code that had never run live traded at once with all it had."
    codes = {"shadow": "this policy has not been watched for long enough to publish without a person"}
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        watched = state.shadow_days >= limits.shadow_days
        automatic = ~(number(changes, "needs") > 0) & ~undoing(changes)
        return held(changes.height, [("shadow", automatic & (not watched))])


GUARD = ShadowMode()
