"""Keeps the prices in force: reads the ledger again and again, and puts the last good state beside it, for when it cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError, LedgerError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.protocols import Store

from .in_force import MOMENT, NOTHING, ROWS, RUNS, InForce, advance, end

FOLDER = "quotes"
HEAD = pl.Schema({"form": pl.Int64(), "act": pl.Int64(), "chain": pl.String(), "latest": pl.String(), "begun": MOMENT, "read_at": MOMENT})
SHARE, LONGEST = 10, dt.timedelta(seconds=10)
"""After something new was read, what is newer yet waits so many times as long as that took, and no longer: so large shops that publish all
day cost a part of a core. Whether the ledger can be read is seen meanwhile."""
FORM = 1
"""Of the tables that are kept; another form is read from the ledger anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Prices in force as they are kept.

    begun    when their reading from the first act began: states that share it give each product the same place
    read_at  when the ledger was last read
    """

    prices: InForce
    begun: dt.datetime
    read_at: dt.datetime


def save(store: Store, folder: Path, kept: Kept) -> None:
    """Replace what is kept, whole or not at all. Raises DataError where it cannot be written."""
    prices = kept.prices
    head = (FORM, prices.act, prices.chain, prices.latest, kept.begun, kept.read_at)
    tables = {"head": pl.DataFrame([head], schema=HEAD, orient="row"), "rows": prices.rows, "runs": prices.runs}
    store.save(folder / FOLDER, tables)


def load(store: Store, folder: Path) -> Kept | None:
    """What is kept; None where there is nothing, or nothing that can be relied on."""
    try:
        tables = store.load(folder / FOLDER)
    except DataError:
        return None
    schemas = {name: table.schema for name, table in tables.items()}
    if schemas != {"head": HEAD, "rows": ROWS, "runs": RUNS} or tables["head"].height != 1:
        return None
    head = tables["head"].row(0, named=True)
    if head["form"] != FORM:
        return None
    prices = InForce(head["act"], head["chain"], head["latest"], tables["rows"], tables["runs"])
    return Kept(prices, head["begun"], head["read_at"])


@dataclass(slots=True)
class Keeper:
    """The one that reads.

    opened  opens the ledger of the shop
    mark    what tells one ledger file from another put in its place; raises LedgerError where there is none
    """

    folder: Path
    store: Store
    opened: Callable[[], Ledger]
    mark: Callable[[], object]
    now: Callable[[], dt.datetime]
    kept: Kept | None = None
    _rested: dt.datetime | None = None
    _ledger: Ledger | None = field(default=None, repr=False)
    _mark: object = field(default=None, repr=False)

    def refresh(self) -> bool:
        """Read what is new; whether anything was. Raises PricesmithError and changes nothing where that cannot be done."""
        before = self.kept or load(self.store, self.folder)
        at, ledger = self.now(), self._open()
        known = before.prices if before else NOTHING
        if self._rested is not None and at < self._rested:
            end(ledger, known)
            return False
        prices = advance(ledger, known)
        after = Kept(prices, before.begun if before else at, at)
        fresh = before is None or prices is not known
        if fresh:
            save(self.store, self.folder, after)
            done = self.now()
            self._rested = done + min(SHARE * (done - at), LONGEST)
        self.kept = after
        return fresh

    def _open(self) -> Ledger:
        mark = self.mark()
        if self._ledger is None or mark != self._mark:
            self._ledger, self._mark = None, mark
            self._ledger = self.opened()
        if self.mark() != mark:
            raise LedgerError("was exchanged while it was opened", where="ledger", hint="it is read again in a moment")
        return self._ledger
