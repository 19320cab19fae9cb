"""Which form the own-price curve has: the one that best foretells rows that the fit did not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from pricesmith.contracts.curves import Floats

from .blocks import nest
from .columns import bend_price, log_score
from .curve import CANDIDATES
from .effects import Effects, Hyper
from .fit import learn_effects
from .fit_data import Data
from .groups import Groups

FIRST_ROUNDS = 6
WARM_ROUNDS = 3
HELD_DAYS = 28
"""Length of the blocks that are left out; every fourth is."""
LEAST_ROWS = 50
CLEAR = 1.0
"""Standard errors by which another form must foretell better than constant elasticity."""
NODES, WEIGHTS = np.polynomial.hermite.hermgauss(9)


def choose_form(data: Data, groups: Groups, count: int) -> tuple[float, tuple[float, ...], Effects | None]:
    """The form's saturation, the scores by form, and the chosen form's effects.

    Scores are log likelihoods of the rows left out, above that of constant elasticity; at most 0 where the gain is below CLEAR standard
    errors over products, or where nothing is gained once the luck of a block of rows is not counted (`_whatever_the_luck`): prices that
    answer demand meet it, and a wrong curve would pass that off as response. Every form, constant elasticity too, has as many turns from
    the same start, so that what is still on its way there (a weekday's effect, a drift) speaks for none of them.
    """
    held = (data.day // HELD_DAYS) % 4 == 1
    if min(held.sum(), (~held).sum()) < LEAST_ROWS:
        return CANDIDATES[0], (0.0,), None
    seen, unseen = data.rows(~held), data.rows(held)
    start = learn_effects(replace(seen, saturation=CANDIDATES[0]), groups, count, FIRST_ROUNDS, plain=True)
    fits: list[Effects] = []
    scores: list[tuple[Floats, Floats]] = []
    for saturation in CANDIDATES:
        fits.append(learn_effects(replace(seen, saturation=saturation), groups, count, WARM_ROUNDS, start, plain=True))
        mean = _foretold(unseen, groups, fits[-1], saturation)
        rows = np.bincount(unseen.item, log_score(unseen.units, mean, start.overdispersion), count).astype(np.float64)
        scores.append((rows, _whatever_the_luck(unseen, mean, start.hyper, count)))
    gains, inside = (np.stack(kind) - kind[0] for kind in zip(*scores, strict=True))
    clear = (gains.sum(axis=1) > CLEAR * np.sqrt(np.sum(gains**2, axis=1))) & (inside.sum(axis=1) > 0.0)
    told = tuple(float(total) if sure else min(float(total), 0.0) for total, sure in zip(gains.sum(axis=1), clear, strict=True))
    best = int(np.argmax(told))
    return CANDIDATES[best], told, fits[best]


def _foretold(unseen: Data, groups: Groups, effects: Effects, saturation: float) -> Floats:
    """(N,) expected units of rows that the fit did not see."""
    bent = replace(unseen, columns=unseen.columns.copy())
    linear = bend_price(bent, unseen.columns[:, unseen.effects.index("price")], effects.item, saturation)
    linear += np.einsum("ij,ij->i", bent.columns, effects.item[unseen.item])
    linear += np.einsum("ij,ij->i", unseen.shared, effects.shared[groups.category[unseen.item]])
    return np.asarray(unseen.exposure * np.exp(np.clip(linear, -18.0, 16.0)))


def _whatever_the_luck(unseen: Data, mean: Floats, hyper: Hyper, count: int) -> Floats:
    """(count,) log likelihood of each item's blocks, the shock that a block shares integrated out by Gauss-Hermite quadrature.

    A block that sold half of what was foretold on all of its days says little against the form that foretold it.
    """
    blocks = nest(unseen.item, unseen.day, (HELD_DAYS,))
    shared = hyper.shocks.of_mean(HELD_DAYS // unseen.lengths[0])
    rest = hyper.dispersion + hyper.shocks.total - shared
    logs = np.empty((NODES.size, blocks.starts[0].size))
    for number, node in enumerate(NODES):
        shocked = mean * np.exp(np.sqrt(2.0 * shared) * node - 0.5 * shared)
        logs[number] = np.add.reduceat(log_score(unseen.units, shocked, rest), blocks.starts[0]) + np.log(WEIGHTS[number])
    return np.bincount(blocks.owner[0], logsumexp(logs, axis=0), count).astype(np.float64)
