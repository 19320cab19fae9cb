"""Clusters of products that keep their prices on purpose, so that what the others' new prices did can be measured without bias.

Products that substitute one another share a cluster: were one kept and its sibling moved, the sibling's gain would be the other's loss.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from pricesmith.contracts.publishing import HoldoutPolicy
from pricesmith.contracts.tables import DECISIONS


def clusters(items: pl.DataFrame, policy: HoldoutPolicy) -> pl.DataFrame:
    """The draw of every item: keys, `cluster`, `propensity` (chance that its price may change), `kept` (True where it is held out).

    The draw is a stable hash of salt and cluster: the same cluster is kept in every run for as long as the salt stays. Items of one
    family but of several channels or regions are one cluster. Without hold-out no cluster is named and the propensity is 1.
    """
    key = items.select(DECISIONS.key)
    if policy.share <= 0.0:
        return key.with_columns(cluster=pl.lit(None, pl.String), propensity=pl.lit(1.0), kept=pl.lit(False))
    named = cluster_of(items, policy.by)
    drawn = {name: draw(policy.salt, name) < policy.share for name in named.unique()}
    kept = np.array([drawn[name] for name in named], dtype=bool)
    return key.with_columns(cluster=named, propensity=pl.lit(1.0 - policy.share), kept=pl.Series(kept))


def cluster_of(items: pl.DataFrame, by: str) -> pl.Series:
    """(n,) name of each item's cluster; an item without a family (or category) stands alone."""
    alone = pl.concat_str(pl.lit("sku:"), pl.col("sku"))
    if by == "product":
        return items.select(cluster=alone)["cluster"]
    shared = pl.when(pl.col(by).is_not_null() & (pl.col(by) != "")).then(pl.concat_str(pl.lit(f"{by}:"), pl.col(by)))
    return items.select(cluster=shared.otherwise(alone))["cluster"]


def draw(salt: str, name: str) -> float:
    """A number in [0, 1) that the same salt and name always give."""
    return int.from_bytes(hashlib.sha256(f"{salt}\x1f{name}".encode()).digest()[:8]) / 2.0**64
