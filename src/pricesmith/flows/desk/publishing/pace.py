"""How fast approved prices leave for a shop, told before anybody publishes: rests, waves, and how far the level may move."""

from __future__ import annotations

import msgspec

from pricesmith.contracts.publishing import GuardPolicy


class Pace(msgspec.Struct, frozen=True):
    """What `[guards]` says of it.

    dwell_minutes          least time between two changes of a price; what the ledger sees for the first time counts as changed then
    canary                 share of the changes that has left after each wave, 1 after the last;  canary_least: prices in the first at least
    canary_minutes         minutes after which the next wave may leave;  last_minutes: from the first wave to the last at least
    index_hour, index_day  how far the price level, weighted by revenue, may move within an hour and a day, a share
    """

    dwell_minutes: float
    canary: list[float]
    canary_least: int
    canary_minutes: float
    index_hour: float
    index_day: float
    last_minutes: float


def pace(limits: GuardPolicy) -> Pace:
    waves, minutes = [*limits.canary, 1.0], limits.canary_minutes
    last = (len(waves) - 1) * minutes
    return Pace(limits.dwell_minutes, waves, limits.canary_least, minutes, limits.index_hour, limits.index_day, last)
