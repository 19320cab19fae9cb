"""Promotions of several kinds: a flyer and a tag on the shelf lift demand differently.

What each product has for itself is the lift of the shop's usual promotion. Every other kind moves that lift by as much in all products of a
category, and categories teach one another through the shop. Taken for one kind, flyers that run together inside a family would pass for an
effect of the neighbours' prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

PREFIX = "promotion:"
"""Begins the names of shared effects of kinds."""
LEAST_ROWS = 30
"""Promotion rows that a kind beside the usual one needs for an effect of its own; with fewer it counts as that."""
MOST = 12
"""Kinds, those with the most rows."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds of promotion of a shop, the usual one (that with the most rows) first; "" is that of promotions of which none is said."""

    names: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the effects beside the usual kind's."""
        return tuple(f"{PREFIX}{name}" for name in self.names[1:])

    def codes(self, rows: pl.DataFrame) -> Ints:
        """(N,) place of each row's kind in `names`; 0 too for one without an effect of its own, and off promotion."""
        if len(self.names) < 2:
            return np.zeros(rows.height, np.int64)
        place = dict(zip(self.names, range(len(self.names)), strict=True))
        kind = rows.select(kind=_kind(rows)).to_series().replace_strict(place, default=0, return_dtype=pl.Int64).to_numpy()
        promo = rows["promo"].cast(pl.Float64).fill_null(0.0).to_numpy() > 0.0
        return np.where(promo, kind, 0)

    def design(self, codes: Ints) -> Floats:
        """(N, k) columns of the effects beside the usual kind's."""
        return np.asarray(codes[:, None] == np.arange(1, max(len(self.names), 1)), dtype=float)


def kinds_in(cells: pl.DataFrame) -> Kinds:
    """The kinds of promotion that a history can tell apart."""
    promoted = cells.filter(pl.col("promo") > 0)
    counted = promoted.select(kind=_kind(promoted)).group_by("kind").len().sort(["len", "kind"], descending=[True, False])
    enough = (pl.col("len") >= LEAST_ROWS) | (pl.int_range(pl.len()) == 0)
    return Kinds(tuple(counted.filter(enough).head(MOST)["kind"].to_list()))


def _kind(rows: pl.DataFrame) -> pl.Expr:
    return pl.col("promo_kind").fill_null("") if "promo_kind" in rows.columns else pl.lit("")
