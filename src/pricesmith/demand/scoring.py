"""One scoring step of a category, and how its price scores vary over time."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .effects import Hyper
from .fit_data import Data
from .glm import Normal, Priors, Step, block_scores, marginal, normal_equations, partial_out, solve
from .parts import Part

SHIFT_VARIANCE = 0.3**2
"""Prior variance of the common shift of a category's effects in one turn."""

STILL = ("season", "cross")
"""Effects without a common shift: the scale of the season is the category's own; cross effects belong to families."""


def category_step(
    data: Data, members: list[Part], hyper: Hyper, item: Floats, shared: Floats, mean: Floats, category: int
) -> tuple[Step, Ints]:
    """Solve for the item effects (s, q) and shared effects of one category; also the items (s,) they belong to."""
    pieces = []
    for part in members:
        rows = part.rows
        mu = mean[rows]
        weight = mu / (1.0 + hyper.dispersion * mu)
        linear = np.einsum("ij,ij->i", data.columns[rows], item[data.item[rows]]) + data.shared[rows] @ shared
        response = linear + (data.units[rows] - mu) / np.maximum(mu, 1e-9)
        pieces.append(normal_equations(data.columns[rows], data.shared[rows], response, weight, part.starts, part.blocks, hyper.shocks))
    scale = 1.0 / hyper.excess
    whole = Normal(
        scale * np.concatenate([piece.gram for piece in pieces]),
        scale * np.concatenate([piece.cross for piece in pieces]),
        scale * np.concatenate([piece.pull for piece in pieces]),
        scale * np.sum([piece.shared_gram for piece in pieces], axis=0),
        scale * np.sum([piece.shared_pull for piece in pieces], axis=0),
    )
    owners = np.concatenate([part.owners for part in members])
    shift = np.array([0.0 if effect in STILL else SHIFT_VARIANCE for effect in data.effects])
    priors = Priors(
        hyper.prior_mean[owners],
        1.0 / hyper.prior_variance[owners],
        hyper.shared_mean[category],
        1.0 / hyper.shared_variance[category],
        shift,
        hyper.weighed[category],
    )
    return solve(whole, priors), owners


def score_squares(data: Data, members: list[Part], hyper: Hyper, step: Step, precision: Floats, mean: Floats) -> Floats:
    """(2,) over all items: sum of squared block scores of the price, and what the model expects it to be, both per unit of information.

    An item counts by how much its own data say; a score summed over its blocks is fitted to about zero, which the expectation allows for.
    """
    k = data.effects.index("price")
    weights = partial_out(step, precision, k)
    information = marginal(step, precision, k) * hyper.excess
    own = information / (information + hyper.excess * precision[:, k])
    found = np.zeros(2)
    first = 0
    for part in members:
        rows = part.rows
        mu = np.maximum(mean[rows], 1e-9)
        residual = (data.units[rows] - mu) / mu
        weight = mu / (1.0 + hyper.dispersion * mu)
        owner, scores = block_scores(data.columns[rows], residual, weight, part.blocks, hyper.shocks)
        last = first + part.owners.size
        price = np.einsum("bq,bq->b", scores, weights[first:last][owner])
        number = np.bincount(owner, minlength=part.owners.size)
        square = np.bincount(owner, price**2, part.owners.size)
        info, share = information[first:last], own[first:last]
        used = (info > 1e-6) & (number > 2)
        found[0] += float(np.sum(share[used] * square[used] / info[used]))
        found[1] += float(np.sum(share[used] * (1.0 - share[used] / number[used])))
        first = last
    return found
