"""Prices that the rules allow for a product and a guard would hold, and what stands in the way where nothing else can be set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows.desk.approval.foreseen import ForeseenHold, Holding
from pricesmith.flows.desk.own_prices.whole import EVERY, Left, barring
from pricesmith.flows.publishing.answers.own_price import judged, settable

from .out_of_reach import Endings

NEAR = 8
"""Prices nearest to the one that is looked at of which is told why a guard would hold them."""


class Guarded(msgspec.Struct, frozen=True):
    """Prices, minor units, that the rules on the product alone allow and that a guard would hold for the same reason."""

    prices: list[int]
    guard: str
    code: str


class Blocked(msgspec.Struct, frozen=True):
    """Why there is no price, minor units, that the rules accept and the guards let through in place of a change that one would hold.

    low, high  what the rules on the product alone allow; null where they allow no price but today's
    price      with an allowed ending the furthest that the guard that holds the change lets through; null where it knows none
    names      what forbids that one: rules, or what else `Verdict` names;  held: the guard that would hold it in its turn
    same       it is today's price
    """

    low: int | None
    high: int | None
    price: int | None = None
    names: list[str] = []
    held: ForeseenHold | None = None
    same: bool = False


def guarded(held: Mapping[int, ForeseenHold], price: int) -> list[Guarded]:
    """Of the prices that guards would hold those nearest to a price, ascending, by reason."""
    groups: dict[tuple[str, str], list[int]] = {}
    for one in sorted(sorted(held, key=lambda one: abs(one - price))[:NEAR]):
        groups.setdefault((held[one].guard, held[one].code), []).append(one)
    return [Guarded(prices, *why) for why, prices in groups.items()]


def blocked(left: Left, snapshot: Snapshot, policy: Policy, item: int, change: ForeseenHold, holding: Holding) -> Blocked:
    """change: why the change of the item would be held, with its price."""
    allowed = settable(left.decided, item, float(change.price), EVERY)
    found = Blocked(allowed[0] if allowed else None, allowed[-1] if allowed else None)
    price = _furthest(left, snapshot, policy, item, change)
    if price is None:
        return found
    (verdict,) = judged(left.decided, np.array([item]), np.array([price], dtype=np.int64))
    names: Sequence[str] = verdict.barred or verdict.against
    if not names and price in allowed:
        names = list(dict.fromkeys(one.rule for one in barring(left.decided, left.known, item, [price])[0]))
    return msgspec.structs.replace(found, price=price, names=list(names), held=holding([price]).get(price), same=verdict.same)


def _furthest(left: Left, snapshot: Snapshot, policy: Policy, item: int, change: ForeseenHold) -> int | None:
    """The price nearest to the change, minor units, of those that its guard lets through and the rules on endings admit."""
    if change.unit != "price" or change.bound is None:
        return None
    known = Endings.of(left.decided, snapshot, policy, item)
    if not known.values:
        return int(change.bound)
    if change.bound < change.price:
        return known.before(math.floor(change.bound) + 1, -math.inf)
    return known.after(math.ceil(change.bound) - 1, math.inf)
