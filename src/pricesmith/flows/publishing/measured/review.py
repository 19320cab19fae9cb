"""Everything that is asked about outcomes, from a shop folder and its ledger: one run, or all that came into a shop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.flows import batch
from pricesmith.flows.publishing.history.came import came
from pricesmith.monitoring.calibration import Calibration, calibration

from .by_hand import set_by_hand
from .outcome import Reckoning, over_time, reckon
from .regrets import regrets
from .sold import see


@dataclass(frozen=True, slots=True)
class Review:
    """One run.

    regrets   rows of regrets.REGRETS of its proposals
    recorded  rows that were new to the ledger's table SALES_SEEN
    """

    found: Reckoning
    regrets: pl.DataFrame
    recorded: int


@dataclass(frozen=True, slots=True)
class History:
    """All runs that came: rows of monitoring.calibration.RUNS, the runs together (None: none can be reckoned yet), and the regrets."""

    runs: pl.DataFrame
    together: Calibration | None
    regrets: pl.DataFrame
    recorded: int


def one(
    ledger: Ledger,
    loaded: batch.Loaded,
    run: str,
    *,
    by: str,
    at: dt.datetime,
    since: dt.date | None = None,
    until: dt.date | None = None,
    progress: batch.Progress = batch.silent,
) -> Review:
    """Reckon up a run, and record what was sold since its prices came; see `outcome.reckon` for the errors.

    by, at  who asks, and when: what is recorded says so
    since   first whole day of the prices, where they were not published from here;  until: day before which sales count
    """
    now = batch.take(loaded)
    progress("deciding the run again from the ledger")
    by_hand = None if since is None else set_by_hand(ledger, run, since, at)
    found = reckon(ledger, now, run, by_hand=by_hand, until=until)
    recorded = see(ledger, now, found.begun, by=by, at=at)
    progress("valuing what was accepted, rejected and overridden")
    return Review(found, regrets(ledger, now, loaded.policy, [run]), recorded)


def every(ledger: Ledger, loaded: batch.Loaded, *, by: str, at: dt.datetime, progress: batch.Progress = batch.silent) -> History:
    """Reckon up every run whose prices came into a shop, and record what was sold since."""
    now = batch.take(loaded)
    progress("deciding the runs again from the ledger")
    runs = over_time(ledger, now, loaded.policy.timezone)
    arrived = came(ledger, loaded.policy.timezone)
    recorded = see(ledger, now, arrived, by=by, at=at) if arrived.height else 0
    progress("valuing what was accepted, rejected and overridden")
    return History(runs, calibration(runs), regrets(ledger, now, loaded.policy), recorded)
