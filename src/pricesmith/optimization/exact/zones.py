"""Price zones: stores that share one price list, between one list for all and one for each store.

Zones are merged from single stores, the two whose union loses least first, and then improved by moving stores to the zone whose prices
suit them best. Profit never falls as zones are added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


@dataclass(frozen=True, slots=True)
class Zoning:
    """zone (S,) of each store, columns (Z, N) each zone's price list, value of all stores."""

    zone: Ints
    columns: Ints
    value: float


def zonings(value: Floats) -> list[Zoning]:
    """Best zonings found with 1, 2, ..., S zones. value (S, N, K): what each store makes of each item at each column."""
    stores = value.shape[0]
    found = {stores: _improved(value, np.arange(stores))}
    zone = np.arange(stores)
    for count in range(stores - 1, 0, -1):
        zone = _merged(value, zone)
        found[count] = _improved(value, zone)
    out = [found[1]]
    for count in range(2, stores + 1):
        out.append(found[count] if found[count].value >= out[-1].value else out[-1])
    return out


def _lists(value: Floats, zone: Ints) -> tuple[Floats, Ints]:
    """(worth (Z, N, K), best columns (Z, N)) of the zones 0..Z-1."""
    worth = np.zeros((int(zone.max()) + 1, *value.shape[1:]))
    np.add.at(worth, zone, value)
    return worth, worth.argmax(axis=2)


def _merged(value: Floats, zone: Ints) -> Ints:
    """One zone fewer: the two whose union loses least become one."""
    worth, _ = _lists(value, zone)
    alone = worth.max(axis=2).sum(axis=1)
    best, pair = np.inf, (0, 1)
    for a in range(worth.shape[0] - 1):
        together = (worth[a] + worth[a + 1 :]).max(axis=2).sum(axis=1)
        lost = alone[a] + alone[a + 1 :] - together
        b = int(lost.argmin())
        if lost[b] < best:
            best, pair = float(lost[b]), (a, a + 1 + b)
    merged = np.where(zone == pair[1], pair[0], zone)
    return np.asarray(np.unique(merged, return_inverse=True)[1].reshape(-1))


def _improved(value: Floats, zone: Ints) -> Zoning:
    """Stores move to the price list that suits them best, lists are made anew, until nothing moves."""
    items = np.arange(value.shape[1])
    worth, columns = _lists(value, zone)
    total = float(worth.max(axis=2).sum())
    while True:
        suits = np.stack([value[:, items, row].sum(axis=1) for row in columns], axis=1)
        moved = np.unique(suits.argmax(axis=1), return_inverse=True)[1].reshape(-1)
        worth, after = _lists(value, moved)
        better = float(worth.max(axis=2).sum())
        if better <= total * (1.0 + 1e-12) if total > 0 else better <= total:
            return Zoning(zone, columns, total)
        zone, columns, total = moved, after, better
