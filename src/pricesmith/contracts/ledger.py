"""The seam of the ledger: what flows write and read through, and what verification says. The tables stand in `ledger_tables`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

from .ledger_tables import (
    APPLIED,
    ATTESTED,
    AUDIT,
    CHECKPOINTS,
    CONTENTS,
    DECIDED,
    EXCEPTIONS,
    GUARD_HITS,
    INTENTS,
    LEDGER,
    RECEIPTS,
    RUNS,
    SALES_SEEN,
    SWITCHES,
    VERDICTS,
)

if TYPE_CHECKING:
    from .protocols import Tables

__all__ = [
    "APPLIED",
    "ATTESTED",
    "AUDIT",
    "CHECKPOINTS",
    "CONTENTS",
    "DECIDED",
    "EXCEPTIONS",
    "GUARD_HITS",
    "INTENTS",
    "LEDGER",
    "RECEIPTS",
    "RUNS",
    "SALES_SEEN",
    "SWITCHES",
    "VERDICTS",
    "Act",
    "Books",
    "Chain",
    "Finding",
    "Lease",
    "Ledger",
    "Outbox",
    "Signer",
    "Verification",
]


@dataclass(frozen=True, slots=True)
class Act:
    """One audit row in the making: who did what to what, when."""

    at: dt.datetime
    by: str
    act: str
    subject: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Intents that a worker may send until `until`.

    fence    grows with every lease: what settles with an older one is refused
    intents  rows of table INTENTS with the column `attempt` (tries so far)
    """

    worker: str
    fence: int
    until: dt.datetime
    intents: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the ledger is not as it was written.

    seq    audit row at which it shows
    table  table that is not as it was
    code   `edited`, `missing`, `added`, `misplaced`, `chain`, `gap`, `truncated`, `rewritten`, `signature` or `unknown_key`
    what   the fact, in one clause
    """

    seq: int
    table: str
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` saw: audit rows, rows of other tables, signed checkpoints that hold, the chain's head, and what is wrong."""

    acts: int
    rows: int
    checkpoints: int
    head: str
    findings: tuple[Finding, ...]


class Ledger(Protocol):
    """History that is only added to. Raises LedgerError where it cannot be read or written; what was written then is all or nothing."""

    def append(self, act: Act, tables: Tables) -> int:
        """Write rows and their audit row in one transaction; returns its seq. Intents enter the outbox in the same transaction.

        A row whose key stands there already is a LedgerError and nothing is written; only contents that stand there are left out silently.
        """
        ...

    def read(
        self,
        table: str,
        where: Mapping[str, object | Sequence[object]] | None = None,
        after: int = 0,
        columns: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Rows of a table in the order in which they were written, with `seq` as the last column (AUDIT and CHECKPOINTS have their own).

        where    columns that equal a value, or one of several
        after    only rows of later acts than this seq
        columns  only these, in the order of the table, and `seq`; all where none is named
        """
        ...


class Outbox(Protocol):
    """Who is sending what. A lease keeps two workers apart; its fence refuses the one that was late."""

    def lease(self, target: str, worker: str, now: dt.datetime, until: dt.datetime, most: int) -> Lease:
        """Take at most that many due intents of a target, the oldest first; of one product only the newest version counts.

        Older versions are given up as `superseded`, with receipts. A product waits as a whole while one of its intents is in another's
        hands, or was tried and is due later: what was sent without an answer may still arrive, and must not overtake a newer price.
        What was never tried is given up as soon as a newer version is written, whenever it was due. An empty lease has fence 0.
        """
        ...

    def settle(self, lease: Lease, act: Act, receipts: pl.DataFrame, tables: Tables, retry_at: Mapping[str, dt.datetime]) -> None:
        """Write receipts, further rows (such as APPLIED) and the intents' new state in one transaction. An old fence raises LedgerError.

        receipts  rows of RECEIPTS of intents of the lease, `attempt` one more than in the lease; what has none stays leased
        retry_at  intents of the lease to try again, and when, with or without a receipt; the others with a receipt are done
        tables    rows of any other tables that acts can add to; empty ones are left out
        """
        ...

    def give_up(self, target: str, act: Act, code: str) -> int:
        """End every intent of a target that is not done, however often it was tried, as `superseded` with this code; returns how many.

        Raises LedgerError where a worker has one of them in hand at the time of the act: what it sends then must be written down by it.
        """
        ...

    def waiting(self, target: str) -> pl.DataFrame:
        """Intents that are not done: `intent`, `sku`, `channel`, `region`, `version`, `attempt`, `due`."""
        ...


class Chain(Protocol):
    """The hash chain over every act, and its signed heads."""

    def checkpoint(self, at: dt.datetime) -> int:
        """Sign the head of the chain, and add it to table CHECKPOINTS and to the exported file.

        Returns its seq; 0 where nothing was written yet. A head that is signed already is not signed again.
        """
        ...

    def verify(self, exported: bytes | None = None, key: str | None = None) -> Verification:
        """Recompute every digest and link.

        exported  checkpoints kept elsewhere, a JSON document a line; None: those of the file beside the ledger
        key       public key in hexadecimal that must have signed them; None: that of the ledger's own key
        """
        ...


class Books(Ledger, Outbox, Chain, Protocol):
    """Ledger, outbox and chain in one database."""


class Signer(Protocol):
    """Who signs checkpoints and certificates."""

    @property
    def key(self) -> str:
        """Public key in hexadecimal (Ed25519)."""
        ...

    def sign(self, data: bytes) -> str:
        """Signature in hexadecimal; the same bytes give the same one."""
        ...
