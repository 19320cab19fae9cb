"""The seams: what a member of each kind must provide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
import polars as pl

from .curves import Curves, Ints, Ladder
from .policy import ModelPolicy, Policy
from .snapshot import Snapshot
from .tables import Table

Tables = Mapping[str, pl.DataFrame]
"""Tables by name, as Arrow or Parquet can hold them."""


class Demand(Protocol):
    """Expected demand of a snapshot's n items over a horizon, before candidate prices are named."""

    @property
    def family(self) -> Ints:
        """(n,) number of the family inside which prices act on one another, -1 where alone."""
        ...

    def curves(self, ladder: Ladder, rows: Ints) -> Curves:
        """Curves of the items `rows` (m,) over their ladder (m, K); which other items are asked for changes nothing."""
        ...


class DemandModel(Protocol):
    """Learned demand of one shop."""

    @classmethod
    def fit(cls, snapshot: Snapshot, policy: ModelPolicy) -> Self:
        """Learn from the cells of a snapshot. Same snapshot, same policy: same model."""
        ...

    def demand(self, snapshot: Snapshot, horizon_days: int) -> Demand:
        """Expected demand of the snapshot's items, averaged over the days from as_of on."""
        ...

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        """Demand of given rows.

        scenario  columns item, date, price (major units), promo and, where it is known, promo_kind
        returns   the same rows with units, units_lo, units_hi: mean and 90 % prediction interval per sales row of the shop's period
        """
        ...

    def report(self, snapshot: Snapshot) -> dict[str, object]:
        """What was learned, as a JSON document."""
        ...

    def to_tables(self) -> Tables:
        """The whole model as tables."""
        ...

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """The model again; equal predictions, bit for bit."""
        ...


class Objective(Protocol):
    """One thing to maximise, additive over items."""

    unit: str

    def score(self, price: np.ndarray, units: np.ndarray, margin: np.ndarray) -> np.ndarray:
        """Value per day of selling `units` at net `price` with `margin` per unit; arguments broadcast, money in minor units."""
        ...


class Source(Protocol):
    """Where a shop's raw tables come from."""

    def read(self, table: Table) -> RawTable | None:
        """The raw rows of a table, every column as text or as typed in the file; None where the shop has no such table."""
        ...


@runtime_checkable
class Filed(Protocol):
    """A source that keeps tables in files, so that it is known when they were written."""

    def files(self, table: Table) -> list[Path]:
        """The files of a table, sorted by name."""
        ...


class RawTable(Protocol):
    """Rows as they stand in their files."""

    @property
    def frame(self) -> pl.DataFrame:
        """Columns as in the file plus `_file` (name within the folder) and `_line` (the header is line 1)."""
        ...


@runtime_checkable
class LargeTable(Protocol):
    """A typed table too large to hold as rows: read in parts, or picked from."""

    @property
    def rows(self) -> int: ...

    @property
    def schema(self) -> pl.Schema:
        """The columns of the files."""
        ...

    def parts(self) -> Iterator[pl.LazyFrame]:
        """All rows in pieces small enough to hold, each with all columns; nothing is read before it is collected."""
        ...

    def pick(self, wanted: pl.Expr) -> pl.DataFrame:
        """The rows for which the expression holds, with `_file` and `_line`."""
        ...


class Store(Protocol):
    """Where models and snapshots are kept between commands."""

    def save(self, folder: Path, tables: Tables) -> None: ...

    def load(self, folder: Path) -> Tables: ...


__all__ = ["Demand", "DemandModel", "LargeTable", "Objective", "Policy", "RawTable", "Source", "Store", "Tables"]
