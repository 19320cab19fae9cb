"""The best lawful prices when the truth is known: coordinate ascent over whole families, from several starts."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .truth import Truth

SWEEPS = 30


def optimum(truth: Truth, rng: np.random.Generator, starts: int = 4) -> Ints:
    """(n,) prices in minor units with the highest expected profit of each family that was found.

    Starts: the current prices, the best price of each product alone, the highest allowed prices, and random ones.
    Each family keeps its best start; prices of one family do not act on another, so families are solved at once.
    """
    ladder = truth.candidates()
    first = np.argmax(ladder == truth.current[:, None], axis=1)
    alone = _best_alone(truth, ladder)
    tried = [first, alone, np.full_like(first, ladder.shape[1] - 1)]
    tried += [rng.integers(0, ladder.shape[1], len(first)) for _ in range(max(starts - 3, 0))]
    best, value = first, _family_profit(truth, np.take_along_axis(ladder, first[:, None], 1)[:, 0])
    for column in tried[: max(starts, 1)]:
        column = climb(truth, ladder, column)
        reached = _family_profit(truth, np.take_along_axis(ladder, column[:, None], 1)[:, 0])
        better = reached > value
        value = np.where(better, reached, value)
        best = np.where(_by_product(truth, better), column, best)
    return np.take_along_axis(ladder, best[:, None], 1)[:, 0]


def climb(truth: Truth, ladder: Ints, column: Ints) -> Ints:
    """(n,) ladder columns after coordinate ascent on family profit from `column`."""
    response = truth.response
    member, slot = response.member, np.maximum(response.slot, 0)
    log_ladder = np.where(member[..., None], np.log(ladder / truth.unit / truth.reference[:, None])[slot], 0.0)
    margin = np.where(
        member[..., None],
        ((ladder / truth.unit * truth.kept_rate[:, None] - truth.landed[:, None]) * (1 - truth.returned)[:, None])[slot],
        0.0,
    )
    base = np.where(member, truth.base[slot], 0.0)
    chosen = np.where(member, column[slot], 0)
    for _ in range(SWEEPS):
        before = chosen.copy()
        for place in range(slot.shape[1]):
            chosen[:, place] = _best_at(truth, log_ladder, margin, base, chosen, place)
        if (before == chosen).all():
            break
    return response.gather(chosen.astype(np.float64)).astype(np.int64)


def _best_at(truth: Truth, log_ladder: Floats, margin: Floats, base: Floats, chosen: Ints, place: int) -> Ints:
    """(F,) best column of the member at `place` of each family, the others held; the present one where none is better."""
    families, width = len(chosen), log_ladder.shape[-1]
    x = np.repeat(np.take_along_axis(log_ladder, chosen[..., None], 2)[None, :, :, 0], width, 0)
    earn = np.repeat(np.take_along_axis(margin, chosen[..., None], 2)[None, :, :, 0], width, 0)
    x[:, :, place], earn[:, :, place] = log_ladder[:, place].T, margin[:, place].T
    profit = (base * np.exp(truth.response.log_ratio(x)) * earn).sum(-1)
    best = profit.argmax(0)
    row = np.arange(families)
    gains = profit[best, row] > profit[chosen[:, place], row] * (1 + 1e-12) + 1e-12
    return np.where(gains, best, chosen[:, place])


def _best_alone(truth: Truth, ladder: Ints) -> Ints:
    """(n,) best column of each product by its own curve, every other effect left out."""
    response = truth.response
    x = response.spread(np.log(ladder.T / truth.unit / truth.reference))
    own = response.gather(response.own(x))
    earn = (ladder.T / truth.unit * truth.kept_rate - truth.landed) * np.exp(own)
    return np.asarray(earn.argmax(0))


def _family_profit(truth: Truth, prices: Ints) -> Floats:
    """(F,) expected profit a day by family."""
    return np.asarray(truth.response.spread(truth.profit(prices)).sum(-1))


def _by_product(truth: Truth, flags: Flags) -> Flags:
    """(F,) -> (n,)."""
    laid = np.broadcast_to(flags[:, None].astype(np.float64), truth.response.slot.shape)
    return truth.response.gather(laid) > 0
