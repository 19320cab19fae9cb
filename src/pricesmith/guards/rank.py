"""Which changes leave first: a stable order in which every leading part looks like the whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import math

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.publishing import GuardPolicy

BANDS = 3
"""Revenue bands within a category."""


def ranks(changes: pl.DataFrame, salt: str = "") -> Floats:
    """(n,) place of each change in the canary, 0 <= rank < 1, each multiple of 1/n once; the order of the rows changes nothing.

    Strata are a category's revenue bands. Within one the order is that of a hash of the key, and the i-th of m has the place (i + u) / m
    with u in [0, 1) by a hash of the stratum: of any leading share s a stratum has s x m changes, one more or less.
    Changes that a rule binds to one price are a stratum of their own, in the order of a hash of what is bound: they leave side by side, and
    in each of several shops about when they leave in the others.

    changes  columns sku, channel, region, category (text, null is a category of its own), revenue (null counts as 0), and where known
             `bound`: a name that all that are bound to one price share, null for a price alone
    salt     gives another order, such as the key of the run
    """
    key, category = _keys(changes), changes["category"].fill_null("").to_list()
    revenue = np.nan_to_num(changes["revenue"].cast(pl.Float64).to_numpy(), nan=0.0)
    own = np.array([_unit(f"{salt}\n{name}") for name in key])
    bound = changes["bound"].to_list() if "bound" in changes.columns else [None] * len(key)
    draw = np.array([alone if name is None else _unit(f"{salt}\n{name}") for name, alone in zip(bound, own.tolist(), strict=True)])
    stratum, start = _strata(category, revenue, draw, salt)
    together = np.array([name is not None for name in bound], dtype=bool)
    stratum, start = np.where(together, start.size, stratum), np.append(start, _unit(f"{salt}\nbound"))
    order = np.lexsort((own, draw, stratum))
    size = np.bincount(stratum, minlength=start.size)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    place = np.empty(len(key))
    place[order] = (np.arange(len(key)) - first[stratum[order]] + start[stratum[order]]) / size[stratum[order]]
    found = np.empty(len(key))
    found[np.lexsort((own, draw, place))] = np.arange(len(key)) / max(len(key), 1)
    return found


def _strata(category: list[str], revenue: Floats, draw: Floats, salt: str) -> tuple[np.ndarray, Floats]:
    """(n,) stratum of each change, and each stratum's offset u."""
    names, group = np.unique(np.array(category, dtype=object).astype(str), return_inverse=True)
    order = np.lexsort((draw, revenue, group))
    size = np.bincount(group, minlength=names.size)
    first = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    band = np.empty(group.size, dtype=np.int64)
    band[order] = (np.arange(group.size) - first[group[order]]) * BANDS // np.maximum(size[group[order]], 1)
    start = np.array([_unit(f"{salt}\n{name}\n{which}") for name in names for which in range(BANDS)])
    return group * BANDS + band, start


def _keys(changes: pl.DataFrame) -> list[str]:
    return changes.select(pl.concat_str(["sku", "channel", "region"], separator="\n")).to_series().to_list()


def _unit(text: str) -> float:
    """Stable hash in [0, 1)."""
    return (int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 11) * 2.0**-53


def wave_share(index: int, count: int, limits: GuardPolicy) -> float:
    """Share of `count` changes that may leave with wave `index` (0 the first) and those before; the first holds at least `canary_least`."""
    if index >= len(limits.canary):
        return 1.0
    return min(1.0, max(limits.canary[max(index, 0)], limits.canary_least / max(count, 1)))


def wave_index(began: dt.datetime | None, at: dt.datetime, limits: GuardPolicy) -> int:
    """The wave that is due: 0 at first, one more each `canary_minutes` after the first price left; all where these are 0."""
    if began is None or at < began:
        return 0
    if limits.canary_minutes == 0:
        return len(limits.canary)
    return math.floor((at - began).total_seconds() / 60.0 / limits.canary_minutes)
