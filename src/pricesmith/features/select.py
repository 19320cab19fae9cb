"""Which features a model needs: those that say something about demand and do not repeat another. With a report of what went and why.

Information is mutual information between a feature and the target, both cut into equal-frequency bins, in nats, with the bias of
Miller (1955) taken off: I - (a - 1)(b - 1) / (2 n) for a and b occupied bins. Under independence 2 n I is chi-square with
(a - 1)(b - 1) degrees of freedom, which tests whether there is any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import polars as pl
from scipy.special import chdtrc

from pricesmith.contracts.curves import Floats, Ints

BINS = 12
MAX_ROWS = 200_000
"""Larger frames are thinned to every k-th row: ranks and bins need no more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One feature: why it was kept or went; see `Selection.report`."""

    feature: str
    reason: str
    information: float
    p_value: float
    unknown_share: float
    like: str | None = None
    correlation: float | None = None


REPORT = {
    "feature": pl.String,
    "reason": pl.String,
    "information": pl.Float64,
    "p_value": pl.Float64,
    "unknown_share": pl.Float64,
    "like": pl.String,
    "correlation": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Features kept and why the others went.

    kept    names in the order of the frame
    report  one row a feature, the most informative first: feature, reason (`kept`, `constant`, `mostly_unknown`, `irrelevant`,
            `redundant`), information (nats), p_value, unknown_share, like (the kept feature it is most correlated with) and that
            rank correlation
    """

    kept: tuple[str, ...]
    report: pl.DataFrame


def select(
    features: pl.DataFrame,
    target: pl.Series,
    *,
    max_correlation: float = 0.97,
    min_information: float = 1e-4,
    level: float = 0.01,
    max_unknown: float = 0.98,
    keep: Sequence[str] = (),
) -> Selection:
    """Keep features that are informative about `target` and not repeated.

    features  output of `build`;  target  (n,) e.g. units per day
    max_correlation   a feature whose rank correlation with a more informative one is beyond this (either sign) is redundant
    min_information   nats below which a feature is irrelevant; level: and so is one whose information could be chance at this level
    max_unknown       a feature unknown in a larger share of the rows is dropped
    keep              features that stay in any case, such as the price whose effect is asked; others may be redundant to them
    """
    every = -(-max(features.height, 1) // MAX_ROWS)
    features, target = features.gather_every(every), target.gather_every(every)
    goal = _bins(target.cast(pl.Float64).to_numpy())
    found = [_judged(series, goal, min_information, level, max_unknown) for series in features]
    found = [replace(verdict, reason="kept") if verdict.feature in keep else verdict for verdict in found]
    found.sort(key=lambda verdict: (verdict.feature not in keep, -verdict.information, verdict.feature))
    ranks: dict[str, Floats] = {}
    for number, verdict in enumerate(found):
        own = _ranks(features[verdict.feature]) if verdict.reason == "kept" else None
        if own is not None:
            found[number] = _against(verdict, own, ranks, np.inf if verdict.feature in keep else max_correlation)
            if found[number].reason == "kept":
                ranks[verdict.feature] = own
    report = pl.DataFrame([asdict(verdict) for verdict in found], schema=REPORT)
    chosen = set(report.filter(reason="kept")["feature"])
    return Selection(tuple(name for name in features.columns if name in chosen), report)


def mutual_information(first: Ints, second: Ints) -> tuple[float, float]:
    """(nats with the bias taken off, at least 0; p-value of independence) of two columns of bin numbers."""
    table = np.bincount(first * (second.max() + 1) + second, minlength=int((first.max() + 1) * (second.max() + 1))).astype(np.float64)
    joint = table.reshape(int(first.max()) + 1, -1) / first.size
    outer = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    inside = joint > 0
    raw = float((joint[inside] * np.log(joint[inside] / outer[inside])).sum())
    freedom = (np.count_nonzero(joint.sum(axis=1)) - 1) * (np.count_nonzero(joint.sum(axis=0)) - 1)
    chance = float(chdtrc(freedom, 2.0 * first.size * raw)) if freedom else 1.0
    return max(raw - freedom / (2.0 * first.size), 0.0), chance


def _judged(series: pl.Series, goal: Ints, min_information: float, level: float, max_unknown: float) -> Verdict:
    unknown = series.null_count() / max(series.len(), 1)
    bins = _named(series) if series.dtype == pl.String else _bins(series.cast(pl.Float64).to_numpy())
    information, chance = mutual_information(bins, goal)
    reason = "kept"
    if series.drop_nulls().n_unique() <= 1 and unknown == 0.0:
        reason = "constant"
    elif unknown > max_unknown:
        reason = "mostly_unknown"
    elif information < min_information or chance > level:
        reason = "irrelevant"
    return Verdict(series.name, reason, information, chance, unknown)


def _against(verdict: Verdict, own: Floats, ranks: dict[str, Floats], most: float) -> Verdict:
    """Compare a candidate with the features kept before it."""
    near = max(((abs(float(own @ other)), name) for name, other in ranks.items()), default=None)
    if near is None:
        return verdict
    size, name = near
    reason = "redundant" if size > most else "kept"
    return replace(verdict, reason=reason, like=name, correlation=float(own @ ranks[name]))


def _ranks(series: pl.Series) -> Floats | None:
    """Ranks with mean 0 and length 1, unknown at the mean; None for names, which have no order."""
    if series.dtype == pl.String:
        return None
    values = series.cast(pl.Float64).to_numpy()
    known = np.isfinite(values)
    ranks = np.zeros(values.size)
    ranks[known] = pl.Series(values[known]).rank().to_numpy()
    ranks[known] -= ranks[known].mean()
    length = float(np.sqrt(ranks @ ranks))
    return ranks / length if length > 0 else ranks


def _bins(values: Floats) -> Ints:
    """Equal-frequency bins 1.. of known values (equal values share a bin), 0 for unknown."""
    known = np.isfinite(values)
    bins = np.zeros(values.size, np.int64)
    if known.any():
        edges = np.unique(np.quantile(values[known], np.arange(1, BINS) / BINS))
        bins[known] = 1 + np.searchsorted(edges, values[known], side="left")
    return bins


def _named(series: pl.Series) -> Ints:
    """Number of each name, 0 for unknown."""
    return series.rank("dense").cast(pl.Int64).fill_null(0).to_numpy().astype(np.int64)
