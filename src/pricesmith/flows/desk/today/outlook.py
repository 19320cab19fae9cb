"""Why what is expected differs from what was sold lately: of the shop and of a product, as far as the model can tell."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.contracts.curves import Ints
from pricesmith.demand.bridge import Bridge
from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.sums import listed

FAINT = 0.01
"""Share of what was sold, below which a difference to it needs no reason."""


class OutlookStep(msgspec.Struct, frozen=True):
    """Part of the difference, units a day. name: of `demand.bridge.STEPS`, which says what each means."""

    name: str
    effect: float


class Outlook(msgspec.Struct, frozen=True):
    """Units a day: sold in the four weeks (or the month) from `since` on, expected at today's prices, and the steps that lead there."""

    since: dt.date
    sold: float
    expected: float
    steps: list[OutlookStep]


def outlook(reading: Reading, run: str, items: Ints | None = None) -> Outlook | None:
    """Of some items of a run, by number; of all that it prices where none are named. None where its model cannot tell.

    Asks for the run as it is decided again, which `Reading.replayed` keeps.
    """
    found = bridge_kept(reading, run)
    return None if found is None else summed(found, priced(reading.replayed(run).decided) if items is None else items)


def bridge_kept(reading: Reading, run: str) -> Bridge | None:
    """The bridge of a run, made once. None where its model cannot tell."""
    found: Bridge | None = reading.shelf("bridge").get(run, lambda one: bridge_of(reading.replayed(one).decided))
    return found


def bridge_of(decided: Decided) -> Bridge | None:
    """None where the model cannot tell."""
    told = getattr(decided.shop.demand, "bridge", None)
    return None if told is None else told()


def summed(found: Bridge, rows: Ints) -> Outlook:
    """The same of some items together."""
    steps = [OutlookStep(name, float(effect[rows].sum())) for name, effect in found.steps.items()]
    return Outlook(found.since, float(found.sold[rows].sum()), float(found.expected[rows].sum()), steps)


def main_step(told: Outlook) -> OutlookStep | None:
    """The step that goes furthest in the direction of the whole difference; None where that is below FAINT of what was sold."""
    between = told.expected - told.sold
    if abs(between) < FAINT * max(told.sold, told.expected):
        return None
    return max(told.steps, key=lambda step: step.effect if between > 0 else -step.effect)


def priced(decided: Decided) -> Ints:
    """Numbers of the items that are in the price list and have a price."""
    return listed(decided, priced=True)
