"""The seam of the guards: what the last gate knows of each price about to leave, and what it may answer.

A guard is a pure function of the table CHANGES and of the State of the channel. It sees no model and no rule, and nothing that is learned
or configured switches one off: thresholds are policy, the list of guards is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import polars as pl

from .publishing import GuardPolicy


@dataclass(frozen=True, slots=True)
class State:
    """The channel at the moment of the gate, as the ledger has it. What cannot be read stops: None never means permission.

    at               now, UTC
    target           name of the shop in the policy
    currency         ISO 4217 code in which the shop's prices must be
    stopped          reason of the kill switch that a person set and that stands, "" where none does, None where it cannot be read
    tripped          reason of a guard's own stop that stands and was not released, "" where none does: prices may only go back
    stopped_skus     products that a person has stopped
    attested         True where the running code and settings are those that were approved
    shadow_days      days for which this policy has been run in shadow
    wave             share of the run's changes that may leave by now (canary), 0 to 1
    judged, caught   prices judged, and caught by a guard, on this channel within the breaker's window
    revenue          expected revenue of the whole channel per day, minor units: the weight of the price index; None counts the batch alone
    index_hour       revenue-weighted mean move of published prices within the last hour, a fraction; this batch excluded
    index_day        the same within the last day
    orders, usual    orders within the velocity window after a cut, and the 99th percentile of that window's hour of the week; None unknown
    margin_change    realised over expected margin of the wave before, less one; None where not known yet
    mismatches       largest number of read-backs in a row in which a published price was not found
    clock_skew       seconds by which this machine's clock differs from the shop's; None where not known
    rates            foreign exchange rates into `currency` by code, for telling a price in the wrong currency
    rates_at         when those were known; None where none are used
    alarms           critical alarms that stand and have no stop of their own yet
    """

    at: dt.datetime
    target: str
    currency: str
    stopped: str | None = None
    tripped: str = ""
    stopped_skus: tuple[str, ...] = ()
    attested: bool = False
    shadow_days: float = 0.0
    wave: float = 0.0
    judged: int = 0
    caught: int = 0
    revenue: float | None = None
    index_hour: float = 0.0
    index_day: float = 0.0
    orders: int | None = None
    usual: float | None = None
    margin_change: float | None = None
    mismatches: int = 0
    clock_skew: float | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    rates_at: dt.datetime | None = None
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one guard says of n changes.

    held        (n,) object array of reason codes, "" where the price may leave
    stop        reason for which the whole channel stops, "" where it need not
    everything  True where that stop also keeps prices from going back to what stood before
    """

    held: Any
    stop: str = ""
    everything: bool = False

    @staticmethod
    def none(count: int) -> Verdict:
        return Verdict(np.full(count, "", dtype=object))


class Guard(Protocol):
    """One guard. Its class says in its docstring what it does; the page of the guards is made from that.

    number    `G1` to `G19`
    incident  what it would have stopped
    codes     every reason code that it may give -> what it means and what to do
    reads     columns of CHANGES without whose value it holds a price
    counts    True where a price that it holds counts for the breaker (G5) and ends a canary where it is G5 to G7
    """

    number: str
    incident: str
    codes: Mapping[str, str]
    reads: tuple[str, ...]
    counts: bool

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        """Judge rows of table CHANGES. Null, NaN and stale hold."""
        ...
