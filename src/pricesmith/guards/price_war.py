"""G15: no price follows a competitor away from cost and demand."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, maybe, micros, moment, number, undoing
from .max_move import within


class PriceWar:
    """Holds a price that follows competitors further than `drift` from what cost and demand alone would give, or back and forth.

    Following is frozen for 24 hours after `alternations` reactions within 48. A price that follows must have such an anchor. Rules whose
    factors multiply to more than 1 along a cycle are refused before that (guards/loops.py).
    """

    number = "G15"
    incident = "The Making of a Fly 2011: 0.9983 x 1.270589 = 1.2684 > 1, so +26.8 % a day to $23,698,655.93."
    codes = {
        "frozen": "following is frozen after a price war",
        "alternations_unknown": "how often the price went back and forth is unknown",
        "price_war": "the price went back and forth with competitors too often; following rests for a day",
        "no_anchor": "the price follows competitors but has no anchor in cost and demand",
        "drift": "the price follows competitors too far from what cost and demand would give",
    }
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        follows = maybe(changes, "follows") & ~undoing(changes)
        price, anchor, turns = (number(changes, name) for name in ("price", "anchor_price", "alternations_48h"))
        with np.errstate(invalid="ignore"):
            reasons = [
                ("frozen", follows & (moment(changes, "frozen_until") > micros(state.at))),
                ("alternations_unknown", follows & ~(turns >= 0)),
                ("price_war", follows & (turns >= limits.alternations)),
                ("no_anchor", follows & ~(anchor > 0)),
                ("drift", follows & ~within(price, anchor, anchor, limits.drift)),
            ]
        return held(changes.height, reasons)


GUARD = PriceWar()
