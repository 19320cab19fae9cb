"""What clusters that kept their prices by chance say of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.tables import DECISIONS
from pricesmith.experiments.holdout import clusters
from pricesmith.experiments.readout import Readout, readout, summed
from pricesmith.flows.publishing.history.rederive import Rederived
from pricesmith.monitoring.outcome import Promise

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The readout of a hold-out.

    clusters  by cluster; None where there are too few
    items     by product: biased where sales move between products that were drawn apart, and too sure of itself
    split     True where products of one family were drawn apart: then the clusters' readout is biased, too
    """

    clusters: Readout | None
    items: Readout | None
    split: bool


def held_out(again: Rederived, promise: Promise) -> HeldOut | None:
    """Compare clusters that the draw let change with those that it kept, whatever became of each product; None without hold-out.

    All products of a drawn cluster count, those too whose price did not move: only the draw is random, not what the run made of it.
    """
    logged = again.recorded.select(*KEY, "cluster", "propensity")
    items = again.decided.items.select(*KEY, "family").join(logged, on=KEY, how="left", maintain_order="left")
    kept = clusters(again.decided.items, again.policy.holdout)["kept"].to_numpy()
    drawn = items["cluster"].is_not_null().to_numpy() & (promise.days > 0)
    if not drawn.any():
        return None
    profit = (promise.margin * promise.sold)[drawn]
    expected = (promise.margin_before * promise.base * promise.days)[drawn]
    chance, kept = items["propensity"].fill_null(1.0).to_numpy()[drawn], kept[drawn]
    code = items["cluster"].to_frame().filter(pl.Series(drawn))["cluster"].rank("dense").cast(pl.Int64).to_numpy() - 1
    count = int(code.max()) + 1
    first = np.unique(code, return_index=True)[1]
    families = items.filter(pl.Series(drawn)).with_columns(kept=pl.Series(kept)).filter(pl.col("family").is_not_null())
    return HeldOut(
        readout(summed(profit, code, count), summed(expected, code, count), kept[first], chance[first]),
        readout(profit, expected, kept, chance),
        bool((families.group_by("family").agg(pl.col("kept").n_unique())["kept"] > 1).any()),
    )
