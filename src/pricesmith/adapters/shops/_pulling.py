"""Long readings: a shop that asks to wait is waited for, so that a catalogue half read is not lost."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod

from pricesmith.contracts.tables import Table

from ._caller import Caller
from ._rows import ShopRows


class Pulling(ABC):
    """A shop that tables can be pulled from (the protocol ShopSource): says in `tables` what each holds."""

    caller: Caller

    @abstractmethod
    def tables(self, table: Table, since: dt.datetime | None) -> ShopRows | None:
        """Rows of a table changed since then; None where the shop has no such table."""

    def pull(self, table: Table, since: dt.datetime | None = None) -> ShopRows | None:
        with self.caller.patiently():
            return self.tables(table, since)
