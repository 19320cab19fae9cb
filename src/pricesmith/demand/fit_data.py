"""The regression's rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Data:
    """Rows sorted by category, item, day.

    item, day    (N,) item number, days since 1970
    units        (N,) counts;  exposure (N,) periods on sale
    columns      (N, q) item effects' columns, the first of ones (the level)
    shared       (N, p) columns shared inside a category
    effects      (q,) names;  shared_names (p,)
    lengths      block lengths in days of the nested shocks;  chained: shocks of the shortest blocks remember the one before
    sold_out     numbers of the rows in which stock ended before the day did: their units are the least that was wanted
    saturation   form of the own-price curve, see curve.py
    """

    item: Ints
    day: Ints
    units: Floats
    exposure: Floats
    columns: Floats
    shared: Floats
    effects: tuple[str, ...]
    shared_names: tuple[str, ...]
    lengths: tuple[int, ...]
    chained: bool
    sold_out: Ints
    saturation: float = -1.0

    def rows(self, kept: Flags) -> Data:
        """Some of the rows."""
        return replace(
            self,
            item=self.item[kept],
            day=self.day[kept],
            units=self.units[kept],
            exposure=self.exposure[kept],
            columns=self.columns[kept],
            shared=self.shared[kept],
            sold_out=np.flatnonzero(np.isin(np.flatnonzero(kept), self.sold_out)),
        )
