"""A shop in a file, which outlives the process that writes to it: what reached it stands there, whatever was killed when."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pricesmith.contracts.shop import Capability, Key, Reading, Writing, Written
from pricesmith.testing.fake_shop import CAPABILITY

BATCH = 4


@dataclass(frozen=True, slots=True)
class FileShop:
    """The protocol Shop. Prices of a call arrive one by one, so that a process can end in between.

    point  called with "before", "during" (half of the call has arrived) and "after" of each write
    """

    path: Path
    clock: Callable[[], dt.datetime]
    point: Callable[[str], None] = lambda _name: None
    skew: float | None = 0.0

    @property
    def capability(self) -> Capability:
        return replace(CAPABILITY, batch=BATCH)

    def fill(self, prices: Mapping[Key, int], floors: Mapping[Key, int]) -> None:
        with self._open() as file:
            file.execute("CREATE TABLE prices (sku, channel, region, price, floor, PRIMARY KEY (sku, channel, region))")
            file.execute("CREATE TABLE effects (nr INTEGER PRIMARY KEY, sku, price)")
            file.executemany("INSERT INTO prices VALUES (?, ?, ?, ?, ?)", [(*key, price, floors[key]) for key, price in prices.items()])

    def truth(self) -> dict[Key, int]:
        with self._open() as file:
            return {Key(*row[:3]): row[3] for row in file.execute("SELECT sku, channel, region, price FROM prices ORDER BY sku")}

    def effects(self, after: int = 0) -> list[tuple[int, str, int]]:
        """Number, product and price of every write that arrived, in order."""
        with self._open() as file:
            return file.execute("SELECT nr, sku, price FROM effects WHERE nr > ? ORDER BY nr", (after,)).fetchall()

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        known = self.truth()
        return {key: Reading(known[key], "EUR", key.sku, self.clock()) for key in (known if keys is None else keys) if key in known}

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        assert len(writings) <= BATCH
        self.point("before")
        for number, writing in enumerate(writings):
            with self._open() as file:
                floor = file.execute("SELECT floor FROM prices WHERE sku = ?", (writing.key.sku,)).fetchone()[0]
                file.execute(
                    "UPDATE prices SET price = ? WHERE sku = ?", (writing.price if writing.price >= floor else -1, writing.key.sku)
                )
                file.execute("INSERT INTO effects (sku, price) VALUES (?, ?)", (writing.key.sku, writing.price))
            if number == len(writings) // 2:
                self.point("during")
        self.point("after")
        return [Written(writing.key, "applied") for writing in writings]

    def _open(self) -> sqlite3.Connection:
        """A connection that ends with the block; the block is one transaction."""
        file = sqlite3.connect(self.path, timeout=30.0)
        file.execute("PRAGMA synchronous = OFF")
        return file
