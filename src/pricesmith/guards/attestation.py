"""G17: only what was approved runs."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy


class Attestation:
    """Stops the channel where the running code and settings are not those that were attested, by two people or by the one who runs the
    shop alone. Nothing leaves, not even an undo."""

    number = "G17"
    incident = "Knight Capital 2012: dead code went live on one of eight servers."
    codes = {"not_attested": "the code or the settings are not those that were attested"}
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        fine = state.attested is True
        return Verdict(Verdict.none(changes.height).held, "" if fine else "not_attested", everything=not fine)


GUARD = Attestation()
