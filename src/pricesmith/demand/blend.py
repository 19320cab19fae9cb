"""One forecast from several: shares, level and quantiles that suit blocks which the forecasters have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .lags import Flags, Floats, Ints
from .trees import LEVELS
from .widths import level_shift, outside, wape, widened, widening

CLASSES = 8
FLOOR = 0.05
"""Share of the mean units added to a forecast before actual units are compared with it: ratios to almost nothing say nothing."""
BEST = 5
"""Mixtures whose mean is taken."""
HELD_BACK = 1.0 / 3.0
"""Share that goes to the direct trees beforehand: they rest on nothing that the structural model may have wrong."""
TRUSTS = (0.0, 0.25, 0.5)
"""Shares of the quantile trees that are tried; the second is taken where there is a single block."""
SLOPES = np.arange(0.7, 1.001, 0.01)
"""Factors on the log forecast that are tried: noise in a forecast draws the slope below 1, nothing draws it above."""
CLEAR = 0.95
"""Slope below which the forecast is drawn in."""
TENTHS = np.array([(10 - a - b - c, a, b, c) for a in range(11) for b in range(11) for c in range(11) if a + b + c <= 10]) / 10.0
"""(G, 4) mixtures that are tried: all in tenths."""


@dataclass(frozen=True, slots=True)
class Bands:
    """How quantiles follow from a forecast and quantile trees.

    floor   units added to a forecast before its class and ratio are taken
    edges   (C - 1,) class bounds of the expected units
    ratios  (C, 3) quantiles of actual over forecast by class, at LEVELS
    trust   share of the quantile trees, the rest goes to the ratios
    widen   factors on the lower and the upper half of the interval
    """

    floor: float
    edges: Floats
    ratios: Floats
    trust: float
    widen: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Blend:
    """How forecasts are put together.

    shares  of smooth, lasting, level and direct in the log forecast; they sum to 1
    slope   factor on the average: large forecasts drawn in where they went too far on the blocks
    scale   log factor on it that suits the blocks
    bands   the interval around it
    errors  WAPE on the blocks of smooth, lasting, level, direct and their average
    """

    shares: tuple[float, float, float, float]
    slope: float
    scale: float
    bands: Bands
    errors: tuple[float, float, float, float, float]


def blend(units: Floats, logs: Floats, drawn: Floats, block: Ints, item: Ints) -> Blend:
    """Choose everything on m rows of blocks.

    units  (m,) units sold
    logs   (4, m) log forecasts
    drawn  (m, 3) quantiles by trees
    block  (m,) number of the block
    item   (m,) number of the item
    """
    shares = _best_shares(units, logs)
    mixed = np.asarray(shares) @ logs
    slope = _best_slope(units, mixed)
    scale = float(np.log(np.exp(mixed).sum() / np.exp(slope * mixed).sum()))
    scale += level_shift(units, slope * mixed + scale)
    log_mean = np.clip(slope * mixed + scale, -18, 18)
    mean = np.exp(log_mean)
    clusters = item * (int(block.max()) + 1) + block
    bands = _bands(units, mean, drawn, clusters, _best_trust(units, mean, drawn, block, clusters))
    errors = tuple(wape(units, log) for log in (*logs, log_mean))
    return Blend(shares, slope, scale, bands, errors)  # type: ignore[arg-type]


def ends(mean: Floats, bands: Bands, drawn: Floats) -> Floats:
    """(m, 3) quantiles: those by class of forecast and those of the trees, averaged, the ends moved away from the middle."""
    raised = mean + bands.floor
    ratios = bands.ratios[np.searchsorted(bands.edges, raised, side="right")]
    both = bands.trust * drawn + (1.0 - bands.trust) * raised[:, None] * ratios
    return widened(both, bands.widen)


def _best_shares(units: Floats, logs: Floats) -> tuple[float, float, float, float]:
    """Mean of the BEST mixtures with least error, drawn towards the direct trees."""
    errors = [wape(units, mixture @ logs) for mixture in TENTHS]
    best = (1.0 - HELD_BACK) * TENTHS[np.argsort(errors, kind="stable")[:BEST]].mean(axis=0)
    return float(best[0]), float(best[1]), float(best[2]), float(best[3] + HELD_BACK)


def _best_slope(units: Floats, log_mean: Floats) -> float:
    """Slope of the Poisson regression of units on the log forecast, where it is below CLEAR; else 1.

    With the intercept at its best, the log likelihood per unit is  slope mean(log forecast, by units) - log sum exp(slope log forecast).
    """
    centre = float((units * log_mean).sum() / max(float(units.sum()), 1e-12))
    gains = [slope * centre - float(np.log(np.exp(slope * log_mean).sum())) for slope in SLOPES]
    best = float(SLOPES[int(np.argmax(gains))])
    return best if best < CLEAR else 1.0


def _best_trust(units: Floats, mean: Floats, drawn: Floats, block: Ints, clusters: Ints) -> float:
    """Share of the quantile trees with least pinball loss on each block, the rest of the bands learned on the others."""
    if len(np.unique(block)) < 2:
        return TRUSTS[1]
    folds = [block == number for number in np.unique(block)]
    return min(TRUSTS, key=lambda trust: sum(_foretold(units, mean, drawn, clusters, held, trust) for held in folds))


def _foretold(units: Floats, mean: Floats, drawn: Floats, clusters: Ints, held: Flags, trust: float) -> float:
    """Pinball loss, summed, on the held rows of bands learned on the others."""
    bands = _bands(units[~held], mean[~held], drawn[~held], clusters[~held], trust)
    error = units[held, None] - ends(mean[held], bands, drawn[held])
    return float(np.maximum(np.array(LEVELS) * error, (np.array(LEVELS) - 1.0) * error).sum())


def _bands(units: Floats, mean: Floats, drawn: Floats, clusters: Ints, trust: float) -> Bands:
    floor = FLOOR * float(units.mean())
    edges, ratios = _calibrate(units, mean + floor)
    plain = Bands(floor, edges, ratios, trust, (1.0, 1.0))
    return replace(plain, widen=widening(units, mean, ends(mean, plain, drawn), outside(len(np.unique(clusters)))))


def _calibrate(units: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Class edges of the forecast and quantiles of actual over forecast; classes of at least 40 rows."""
    count = int(np.clip(len(units) // 40, 1, CLASSES))
    edges = np.quantile(mean, np.arange(1, count) / count)
    kind = np.searchsorted(edges, mean, side="right")
    whole = np.quantile(units / mean, LEVELS)
    ratios = np.array([np.quantile((units / mean)[kind == k], LEVELS) if (kind == k).sum() >= 20 else whole for k in range(count)])
    return edges, ratios
