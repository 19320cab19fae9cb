"""The Lagrangian dual of a multiple-choice knapsack: prices of the couplings, and with them a bound on every plan.

    maximise  sum_i value[i, k_i]   subject to   lower_r <= sum over i in row r of weight_i[k_i] <= upper_r

With a multiplier nu_r on every row (positive pushes the sum up to `lower`, negative down to `upper`) the items separate, and

    D(nu) = sum_i max_k (value + sum_r nu_r weight_r)[i, k]  -  sum_r nu_r (lower_r if nu_r > 0 else upper_r)

is a bound for any nu. D has kinks; replacing max by tau log sum exp(. / tau) makes it smooth (Nesterov 2005), so Newton's method finds the
best nu in a few steps while tau falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import spsolve

from pricesmith.contracts.curves import Floats, Ints

COOLING = (1e-1, 2e-2, 4e-3, 1e-3, 2.5e-4)
"""tau as a share of the mean spread of an item's values."""

DENSE = 300
"""Rows up to which the Newton system is solved as a dense one."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One weight of every item that counts in one row: row (n,), -1 where it counts in none, and weight (n, K)."""

    row: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Knapsack:
    """Items with one column each to choose. value (n, K), -inf where closed; lower, upper (R,)."""

    value: Floats
    layers: tuple[Layer, ...]
    lower: Floats
    upper: Floats

    def sums(self, columns: Ints) -> Floats:
        """(R,) what a plan adds up to."""
        items = np.arange(columns.size)
        total = np.zeros(self.lower.size)
        for layer in self.layers:
            counted = layer.row >= 0
            total += np.bincount(layer.row[counted], layer.weight[items, columns][counted], self.lower.size)
        return total

    def worth(self, columns: Ints) -> float:
        """Value of a plan."""
        return float(self.value[np.arange(columns.size), columns].sum())

    def side(self, nu: Floats) -> Floats:
        """(R,) the limit that each multiplier speaks for; 0 where it is 0."""
        return np.where(nu > 0, self.lower, np.where(nu < 0, self.upper, 0.0))

    def priced(self, nu: Floats) -> Floats:
        """(n, K) values with the couplings priced in."""
        out = self.value.copy()
        priced = np.append(nu, 0.0)
        for layer in self.layers:
            if priced[layer.row].any():
                out += priced[layer.row][:, None] * layer.weight
        return out

    def part(self, items: Ints) -> Knapsack:
        """The same rows with these items alone."""
        layers = tuple(Layer(layer.row[items], layer.weight[items]) for layer in self.layers)
        return Knapsack(self.value[items], layers, self.lower, self.upper)


def bound(sack: Knapsack, nu: Floats) -> float:
    """D(nu)."""
    return float(sack.priced(nu).max(axis=1).sum() - nu @ sack.side(nu))


def multipliers(sack: Knapsack, start: Floats | None = None, cooling: tuple[float, ...] = COOLING, steps: int = 6) -> tuple[Floats, int]:
    """(R,) multipliers near the minimum of D, and the looks at all items that it took."""
    scale = _spread(sack)
    nu = np.zeros(sack.lower.size) if start is None else start.copy()
    cap = _caps(sack, scale)
    looks = 0
    for share in cooling:
        tau = max(share * scale, 1e-300)
        here = _smooth(sack, nu, tau)
        for _ in range(steps):
            trial, here_next, used = _step(sack, nu, here, tau, cap)
            looks += used
            done = here_next is None or here[0] - here_next[0] <= 1e-7 * abs(here[0])
            if here_next is not None:
                nu, here = trial, here_next
            if done:
                break
    return nu, looks


def _spread(sack: Knapsack) -> float:
    finite = np.isfinite(sack.value)
    low = np.where(finite, sack.value, np.inf).min(axis=1)
    gap = sack.value.max(axis=1) - low
    return float(gap.mean()) if gap.size else 1.0


def _caps(sack: Knapsack, scale: float) -> Floats:
    """(R,) longest step: the values' spread over the weights' spread."""
    spread, count = np.zeros(sack.lower.size), np.zeros(sack.lower.size)
    for layer in sack.layers:
        counted = layer.row >= 0
        gap = (layer.weight.max(axis=1) - layer.weight.min(axis=1))[counted]
        spread += np.bincount(layer.row[counted], gap, spread.size)
        count += np.bincount(layer.row[counted], minlength=spread.size)
    return np.asarray(4.0 * scale / np.maximum(spread / np.maximum(count, 1), 1e-300))


State = tuple[float, Floats, "Floats | coo_array"]
"""Smoothed D, expected sums (R,), and their covariance over tau (R, R)."""


def _smooth(sack: Knapsack, nu: Floats, tau: float) -> State:
    chance = sack.priced(nu)
    top = chance.max(axis=1)
    chance -= top[:, None]
    chance /= tau
    np.exp(chance, out=chance)
    mass = chance.sum(axis=1)
    chance /= mass[:, None]
    value = float(top.sum() + tau * np.log(mass).sum() - nu @ sack.side(nu))
    means = [np.einsum("ik,ik->i", chance, layer.weight) for layer in sack.layers]
    total = np.zeros(nu.size)
    entries: list[tuple[Ints, Ints, Floats]] = []
    for number, layer in enumerate(sack.layers):
        counted = layer.row >= 0
        total += np.bincount(layer.row[counted], means[number][counted], nu.size)
        weighted = chance * layer.weight
        for second in range(number, len(sack.layers)):
            other = sack.layers[second]
            both = counted & (other.row >= 0)
            spread = np.einsum("ik,ik->i", weighted, other.weight) - means[number] * means[second]
            entries.append((layer.row[both], other.row[both], spread[both] / tau))
            if second > number:
                entries.append((other.row[both], layer.row[both], spread[both] / tau))
    return value, total, _square(entries, nu.size)


def _square(entries: list[tuple[Ints, Ints, Floats]], size: int) -> Floats | coo_array:
    if size <= DENSE:
        dense = np.zeros(size * size)
        for row, column, amount in entries:
            dense += np.bincount(row * size + column, amount, size * size)
        return dense.reshape(size, size)
    row, column, amount = (np.concatenate([entry[part] for entry in entries]) for part in range(3))
    return coo_array((amount, (row, column)), shape=(size, size))


def _step(sack: Knapsack, nu: Floats, here: State, tau: float, cap: Floats) -> tuple[Floats, State | None, int]:
    """A damped Newton step that lowers smoothed D, (nu, None, looks) where there is none."""
    value, total, spread = here
    short, over = (nu == 0) & (total < sack.lower), (nu == 0) & (total > sack.upper)
    free = (nu != 0) | short | over
    if not free.any():
        return nu, None, 0
    limit = np.where(short | (nu > 0), sack.lower, sack.upper)
    slope = np.where(free, total - np.where(free, limit, 0.0), 0.0)
    direction = np.clip(-_solve(spread, slope, free), -cap, cap)
    length, looks = 1.0, 0
    while looks < 6:
        trial = nu + length * direction
        crossed = (np.sign(trial) * np.sign(nu) < 0) | (short & (trial < 0)) | (over & (trial > 0))
        trial = np.where(free & ~crossed, trial, 0.0)
        there = _smooth(sack, trial, tau)
        looks += 1
        if there[0] < value:
            return trial, there, looks
        length *= 0.25
    return nu, None, looks


def _solve(spread: Floats | coo_array, slope: Floats, free: np.ndarray) -> Floats:
    out = np.zeros(slope.size)
    chosen = np.flatnonzero(free)
    if isinstance(spread, np.ndarray):
        part = spread[np.ix_(chosen, chosen)]
        diagonal = np.maximum(part.diagonal(), 1e-12 * max(float(part.diagonal().max()), 1e-300))
        out[chosen] = np.linalg.solve(part + np.diag(1e-6 * diagonal), slope[chosen])
        return out
    part = spread.tocsr()[chosen][:, chosen]
    diagonal = np.maximum(part.diagonal(), 1e-12 * max(float(part.diagonal().max()), 1e-300))
    out[chosen] = spsolve((part + diags_array(1e-6 * diagonal)).tocsc(), slope[chosen])
    return out
