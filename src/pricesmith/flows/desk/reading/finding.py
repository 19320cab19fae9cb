"""What tables of products share: names beside keys."""

from __future__ import annotations

import polars as pl

from .ledger import KEY, Run


def named(table: pl.DataFrame, run: Run) -> pl.DataFrame:
    """The rows with `name`, as the run knows it; null where it has none."""
    known = run.decided.select(*KEY, name=pl.col("name") if "name" in run.decided.columns else pl.lit(None, pl.String))
    return table.join(known, on=KEY, how="left", maintain_order="left")
