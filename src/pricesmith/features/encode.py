"""Features as numbers for a model: names one-hot, numbers standardised. The parameters are kept, so that scoring equals training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

OTHER = "other"
"""Column for a name that was not among the frequent ones of training."""

_PARAMETERS = {"feature": pl.String, "kind": pl.String, "value": pl.String, "mean": pl.Float64, "spread": pl.Float64}


@dataclass(frozen=True, slots=True)
class Encoder:
    """Learned encoding.

    parameters  one row an output column: feature, kind ("number", "missing" or "name"), value (the name), mean and spread of a number
    """

    parameters: pl.DataFrame

    @classmethod
    def fit(cls, features: pl.DataFrame, *, max_names: int = 20, drop: Sequence[str] = ()) -> Encoder:
        """Learn the encoding of a feature frame (output of `build`).

        max_names  names kept for each text feature, the most frequent first, ties by name; all others share the column `other`
        drop       features to leave out
        Numbers become (x - mean) / spread with spread the standard deviation, 1 where constant; unknown becomes 0, with a column that
        says so where training had unknown values.
        """
        rows: list[tuple[str, str, str | None, float | None, float | None]] = []
        for series in features:
            if series.name not in drop:
                rows += _names(series, max_names) if series.dtype == pl.String else _number(series)
        return cls(pl.DataFrame(rows, schema=_PARAMETERS, orient="row"))

    @property
    def columns(self) -> list[str]:
        """Names of the output columns, in order."""
        return [_output(row) for row in self.parameters.iter_rows(named=True)]

    def apply(self, features: pl.DataFrame) -> pl.DataFrame:
        """(n, columns) Float64, no nulls. A feature that the encoding needs and the frame lacks is an error of polars."""
        names: dict[str, set[str]] = {}
        for feature, value in self.parameters.filter(kind="name").select("feature", "value").iter_rows():
            names.setdefault(feature, set()).add(value)
        return pl.DataFrame([_column(features[row["feature"]], row, names) for row in self.parameters.iter_rows(named=True)])

    def to_table(self) -> pl.DataFrame:
        """The encoding as a table."""
        return self.parameters

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> Encoder:
        """The encoding again."""
        return cls(table.select(pl.col(name).cast(kind) for name, kind in _PARAMETERS.items()))


def _names(series: pl.Series, most: int) -> list[tuple[str, str, str | None, float | None, float | None]]:
    counted = series.drop_nulls().value_counts(name="_count").sort(["_count", series.name], descending=[True, False])
    frequent = sorted(counted[series.name].head(most).to_list())
    return [(series.name, "name", value, None, None) for value in (*frequent, OTHER)]


def _number(series: pl.Series) -> list[tuple[str, str, str | None, float | None, float | None]]:
    values = series.cast(pl.Float64).drop_nulls().to_numpy()
    mean = float(values.mean()) if values.size else 0.0
    spread = float(values.std()) if values.size else 0.0
    scaled = spread if np.isfinite(spread) and spread > 1e-12 * max(1.0, abs(mean)) else 1.0
    missing = [(series.name, "missing", None, None, None)] if series.null_count() else []
    return [(series.name, "number", None, mean, scaled), *missing]


def _output(row: dict[str, Any]) -> str:
    suffix = {"number": "", "missing": "=?", "name": f"={row['value']}"}[row["kind"]]
    return f"{row['feature']}{suffix}"


def _column(series: pl.Series, row: dict[str, Any], names: dict[str, set[str]]) -> pl.Series:
    if row["kind"] == "number":
        scaled = (series.cast(pl.Float64).to_numpy() - row["mean"]) / row["spread"]
        return pl.Series(_output(row), np.where(np.isnan(scaled), 0.0, scaled))
    if row["kind"] == "missing":
        hit = series.is_null()
    elif row["value"] == OTHER:
        hit = ~series.is_in(names[row["feature"]] - {OTHER})
    else:
        hit = series == row["value"]
    return hit.fill_null(False).cast(pl.Float64).alias(_output(row))
