"""From a snapshot to its features: one row a cell, or a given row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.snapshot import Snapshot

from . import FEATURES
from .known import Family, Feature, Known, known

ROW = ("item", "date", "price", "promo")


def build(
    snapshot: Snapshot, rows: pl.DataFrame | None = None, *, families: Sequence[str] | None = None, lead_days: int = 0
) -> pl.DataFrame:
    """Features of the snapshot's cells, or of other rows in the light of its past.

    rows       columns item, date, price (major units), promo; the snapshot's cells where left out
    families   names out of FEATURES; all where left out
    lead_days  days between a decision and a row's day: with 28, nothing of the 28 days before a row is used, as in a forecast so far ahead
    returns    one row a row, in the same order; numbers are Float64, names String; null where unknown

    Only the row itself, the plans (calendar, promotions) and what happened before the row's day and before as_of enter.
    """
    chosen = [FEATURES.pick(name) for name in families] if families is not None else list(FEATURES.values())
    asked = (snapshot.cells if rows is None else rows).select(ROW)
    facts = known(snapshot, asked, lead_days)
    return pl.concat([columns_of(family, facts) for family in chosen], how="horizontal")


def columns_of(family: Family, facts: Known) -> pl.DataFrame:
    """The columns of one family."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return pl.DataFrame([_column(feature, facts) for feature in family.features])


def _column(feature: Feature, facts: Known) -> pl.Series:
    values = feature(facts)
    if isinstance(values, pl.Series):
        return values.alias(feature.__name__)
    finite = np.isfinite(values)
    return pl.Series(feature.__name__, np.where(finite, values, np.nan)).fill_nan(None)
