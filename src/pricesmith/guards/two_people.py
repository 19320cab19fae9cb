"""G10: large changes need two people."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number, undoing

MOVE, PRODUCTS = 0.20, 500
"""Two people are needed beyond these whatever the policy says; it can only be stricter (`[approval]`)."""


class TwoPeople:
    """Holds a change behind which fewer people stand than it needs.

    `needs` says how many; moves beyond 20 %, batches of more than 500 changes and floors that were lowered need two whatever it says. An
    undo needs what `needs` says: who finds a wrong price at night must be able to take it back alone.
    """

    number = "G10"
    incident = "Little Swan 2024: one operator, one error, 40,000 orders in 20 minutes."
    codes = {
        "approval_unknown": "how many people must agree, or did, is unknown",
        "not_approved": "fewer people agreed with exactly this change than it needs (`pricesmith approve`)",
        "needs_two": "a large move, a large batch or a lowered floor: two people must agree with exactly this change",
    }
    reads = ("needs", "agreed")
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        needs, agreed, back = number(changes, "needs"), number(changes, "agreed"), undoing(changes)
        price, now, exception = (number(changes, name) for name in ("price", "current_price", "exception_floor"))
        with np.errstate(invalid="ignore"):
            large = (np.abs(price - now) > MOVE * now * (1 + SLACK)) | ((~back).sum() > PRODUCTS)
            reasons = [
                ("approval_unknown", ~((needs >= 0) & (agreed >= 0))),
                ("not_approved", agreed < needs),
                ("needs_two", (agreed < 2) & ((large & ~back) | ~np.isnan(exception))),
            ]
        return held(changes.height, reasons)


GUARD = TwoPeople()
