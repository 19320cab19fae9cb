"""Everything that publishing needs from outside, in one record, so that a test or a simulation can hand it something else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pricesmith.contracts.ledger import LEDGER, Books, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Shop


@dataclass(frozen=True, slots=True)
class Changed:
    """Whether a run was made under other rules than prices that stand.

    since  as in `Lately`;  upto: by table, the last act that was looked at
    """

    since: object
    upto: dict[str, int]
    answer: bool


@dataclass(slots=True)
class Memory:
    """Ledger tables of one target as read so far: only what was added since is read again, so that a lease costs what it holds.

    Nothing is only here: a worker that starts anew reads it from the ledger.

    upto     the latest act of which a row was read, of any table
    scanned  by table: the act up to which every row was read; acts are written one after the other, so a reading after `upto` saw it all
    drawn    by run: the order in which its prices leave, see places.py
    orders   what the shop told of its orders, and when it was asked; see orders.py
    """

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    upto: int = 0
    scanned: dict[str, int] = field(default_factory=dict)
    runs: dict[str, object] = field(default_factory=dict)
    changed: dict[str, Changed] = field(default_factory=dict)
    drawn: dict[str, pl.DataFrame] = field(default_factory=dict)
    orders: pl.DataFrame | None = None
    orders_at: dt.datetime | None = None

    def read(self, ledger: Ledger, table: str, where: Mapping[str, Sequence[object]]) -> pl.DataFrame:
        """Rows of a table in the order in which they were written, with `seq`."""
        known = self.tables.get(table)
        fresh = ledger.read(table, where, after=self.scanned.get(table, 0))
        newest = 0 if fresh.is_empty() else int(fresh["seq"][-1])
        self.scanned[table] = max(self.scanned.get(table, 0), self.upto, newest)
        self.upto = max(self.upto, newest)
        known = fresh if known is None else known if fresh.is_empty() else pl.concat([known, fresh])
        self.tables[table] = known
        return known


@dataclass(frozen=True, slots=True)
class Desk:
    """One target, and what is needed to send prices there.

    target  name of the shop in the policy
    book    ledger and outbox
    now     clock, UTC
    rng     generator of jitter
    code    digest of the running code and settings, for attestation
    worker  name under which intents are leased
    """

    target: str
    shop: Shop
    book: Books
    policy: Policy
    settings: ShopPolicy
    now: Callable[[], dt.datetime]
    rng: np.random.Generator
    code: str
    worker: str
    memory: Memory = field(default_factory=Memory)

    @property
    def our_money(self) -> bool:
        """Whether the shop's prices have the currency and the tax of the folder's, so that one can stand for the other."""
        return (self.settings.currency, self.settings.tax) == (self.policy.currency, self.policy.tax)

    def read(self, table: str, where: Mapping[str, Sequence[object]] | None = None) -> pl.DataFrame:
        """Rows of the target in one of the ledger's tables, or all rows where the table knows no target.

        where  columns that hold one of several values; always the same ones for one table
        """
        place = {"target": [self.target]} if "target" in LEDGER[table].by_name else {}
        return self.memory.read(self.book, table, {**place, **(where or {})})
