"""G17: only what was approved runs, under the rules in force."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, maybe, undoing


class Attestation:
    """Stops the channel where the running code and settings are not those that were attested, by two people or by the one who runs the
    shop alone. Nothing leaves, not even an undo.

    A price that a hard rule in force forbids is held: its run was made under other rules. An undo goes back all the same.
    """

    number = "G17"
    incident = "Knight Capital 2012: dead code went live on one of eight servers."
    codes = {
        "not_attested": "the code or the settings are not those that were attested",
        "other_rules": "a rule in force forbids the price: it was made under other rules than those in force; price the shop again",
    }
    reads = ("forbidden",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        fine = state.attested is True
        verdict = held(changes.height, [("other_rules", np.asarray(maybe(changes, "forbidden") & ~undoing(changes)))])
        return Verdict(verdict.held, "" if fine else "not_attested", everything=not fine)


GUARD = Attestation()
