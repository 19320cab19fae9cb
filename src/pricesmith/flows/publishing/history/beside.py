"""Runs of prices that people set, beside the run that they come from."""

from __future__ import annotations

import polars as pl


def set_beside(runs: pl.DataFrame, root: str) -> list[str]:
    """Runs of own prices that come from a run, directly or by way of another, in their order. runs: rows of table RUNS in theirs."""
    found = [root]
    for run, parent in runs.filter(pl.col("kind") == "override").select("run", "parent").iter_rows():
        found += [run] if parent in found else []
    return found[1:]
