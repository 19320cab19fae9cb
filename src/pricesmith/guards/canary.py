"""G11: a few prices first."""

from __future__ import annotations

import math

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number, undoing


class Canary:
    """Holds what is not yet due: 1 %, 10 % and 50 % of the changes leave first, `canary_minutes` apart, and the rest follows.

    A change is due where its `rank` is below the share of the wave. Stops the channel where the wave before lost more than
    `canary_margin` of its margin, or any of G5 to G7 caught a price while waves are under way. An undo does not wait.

    The margin is that of the shop's orders since the prices came, against the expected one at the usual pace of these hours of the week.
    It stops only where the loss is beyond chance (99 %), so that an hour without an order proves nothing; where the shop tells no orders it
    is left out.
    """

    number = "G11"
    incident = "6pm.com 2010: one new rule reached every product at once, $1.6 million in 6 hours."
    codes = {
        "wave_unreadable": "which wave may leave cannot be read",
        "rank_unknown": "the place of the change in the canary is unknown",
        "canary_wait": "the change leaves with a later wave",
        "margin_unreadable": "the margin of the wave before is no number",
        "canary_margin": "the wave before lost margin: look at it before the others follow",
        "canary_hit": "a guard caught a price while only a part of the prices had left",
    }
    reads = ("rank",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        rank, ahead = number(changes, "rank"), ~undoing(changes)
        known = 0.0 <= state.wave <= 1.0
        reasons = [
            ("wave_unreadable", ahead & (not known)),
            ("rank_unknown", ahead & ~((rank >= 0.0) & (rank <= 1.0))),
            ("canary_wait", ahead & ~(rank < state.wave) & (state.wave < 1.0)),
        ]
        lost = state.margin_change
        stop = ""
        if lost is not None:
            stop = "margin_unreadable" if math.isnan(lost) else "canary_margin" if lost < -limits.canary_margin * (1 + SLACK) else ""
        return Verdict(held(changes.height, reasons).held, stop)


GUARD = Canary()
