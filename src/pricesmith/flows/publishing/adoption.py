"""What people made of the proposals: how many were taken, overridden, refused, or left without an answer."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.ledger import Ledger

from .regrets import proposals

ADOPTION = pl.Schema({"run": pl.String, **dict.fromkeys(("proposals", "accepted", "overridden", "rejected", "unanswered"), pl.Int64)})
"""One row a run that proposes prices, in the order in which they were made: its changes, and what became of them.

accepted    came into a shop;  overridden  another price, set by a person, came in place of it;  rejected  somebody refused it
unanswered  the rest
"""


def adoption(ledger: Ledger, timezone: str) -> pl.DataFrame:
    """Rows of ADOPTION."""
    runs = ledger.read("runs", {"kind": ["price"]}).select("run")
    if runs.is_empty():
        return ADOPTION.to_frame()
    changes = ledger.read("decided", {"action": ["change"], "run": runs["run"].to_list()}).group_by("run").agg(proposals=pl.len())
    answered = proposals(ledger, timezone, None)
    same = (pl.col("answer") == "overridden") & (pl.col("other") == pl.col("proposed"))  # came with a run that set another product's price
    words = pl.when(same).then(pl.lit("accepted")).otherwise("answer")
    counts = [words.eq(name).sum().alias(name) for name in ("accepted", "overridden", "rejected")]
    found = answered.group_by("run").agg(counts)
    table = runs.join(changes, on="run", how="left", maintain_order="left").join(found, on="run", how="left", maintain_order="left")
    table = table.with_columns(pl.col("proposals", "accepted", "overridden", "rejected").fill_null(0).cast(pl.Int64))
    rest = pl.col("proposals") - pl.col("accepted") - pl.col("overridden") - pl.col("rejected")
    return table.with_columns(unanswered=pl.max_horizontal(rest, 0)).select(ADOPTION.names()).cast(ADOPTION)
