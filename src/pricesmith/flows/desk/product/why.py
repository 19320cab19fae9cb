"""Why a price is what it is, from the ledger alone: drivers that add up, one unit's money, and the limits of every rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.economics import kept_price, margin_share, net_price
from pricesmith.contracts.rule import Rule, plain
from pricesmith.rules.apply import Rules, names_of
from pricesmith.rules.min_change import MinChange


class Driver(msgspec.Struct, frozen=True):
    """Part of the change of profit, major units a day. name: `margin`, `volume` or `family`."""

    name: str
    effect: float


class DriverStep(msgspec.Struct, frozen=True):
    """One step from the price on the tag to what a unit earns, minor units: at the current price, the new one, and what the shop has."""

    name: str
    now: float | None
    new: float | None
    live: float | None = None


class Margins(msgspec.Struct, frozen=True):
    """Shares of what is kept of a price after tax, fees and payment that are left over the landed cost; None where that is not known."""

    now: float | None
    new: float | None
    live: float | None


class Limit(msgspec.Struct, frozen=True):
    """What a rule leaves of the price, minor units; None where it is free.

    binding   it stopped a better price
    whole     it bounds a sum over the shop, and no single price
    tied      it ties the product to others, and bounds no price by itself
    apart     of a rule on the least change: the highest price that falls, and the lowest that rises; today's may stay
    settings  the rule as it stands in shop.toml, its kind included; empty where the settings of the run have no such rule
    """

    name: str
    low: float | None
    high: float | None
    binding: bool
    settings: dict[str, Any] = {}
    whole: bool = False
    apart: tuple[float, float] | None = None
    tied: bool = False


class Outside(msgspec.Struct, frozen=True):
    """The limit that today's price breaks, so that it moves: the rule, and the lowest or highest price that it allows."""

    rule: str
    limit: float


class Stored(msgspec.Struct, frozen=True):
    """The explanation as the ledger keeps it, money in major units; see flows/publishing/history/explanation.py."""

    drivers: dict[str, float | None] = {}
    rules: dict[str, tuple[float | None, float | None]] = {}
    landed_cost: float | None = None
    anchor: float | None = None
    influence: float | None = None
    minor: float = 100.0


FORCED = {"floor": 0, "ceiling": 1, "stays_below": 0, "stays_above": 1}
"""Reasons of a price that moves because today's lies outside what the rules allow, or that stays there, and the side of the limits that it
breaks."""
DRIVERS = ("margin", "volume", "family")
STEPS = ("price", "tax", "fees", "landed_cost", "returns", "profit")


def stored(text: str) -> Stored:
    return msgspec.json.decode(text, type=Stored)


def drivers(known: Stored) -> list[Driver]:
    """They add up to the change of profit; none where that is not known."""
    return [Driver(name, effect) for name in DRIVERS if (effect := known.drivers.get(name)) is not None]


def outside(rules: Mapping[str, tuple[float | None, float | None]], reason: str, unit: float = 1.0) -> Outside | None:
    """The tightest limit on the side that today's price breaks; None where that is not its reason.

    rules  lowest and highest price that each allows, null where free;  unit: minor units in one of theirs
    """
    if (side := FORCED.get(reason)) is None:
        return None
    known = [(limit, name) for name, pair in rules.items() if (limit := pair[side]) is not None]
    if not known:
        return None
    limit, name = (min if side else max)(known, key=lambda one: one[0])
    return Outside(name, round(limit * unit, 6))


def toward(rules: Mapping[str, tuple[float | None, float | None]], stopped: str, price: float) -> str:
    """Where the better price lies that rules stopped: `up`, `down`, or "" where their limits do not tell.

    rules  lowest and highest price that each allows, null where free;  stopped: their names, joined by `;`;  price: in the same unit
    """
    names = [name for name in stopped.split(";") if name]
    sides = {_nearer(*rules.get(name, (None, None)), price) for name in names}
    return sides.pop() if len(sides) == 1 else ""


def _nearer(low: float | None, high: float | None, price: float) -> str:
    """The side on which a limit stands nearest to a price; "" where there is none."""
    if low is None or high is None:
        return "down" if low is not None else "up" if high is not None else ""
    return "up" if abs(high - price) < abs(price - low) else "down"


def limits(known: Stored, stopped: str, rules: Rules = (), apart: Mapping[str, tuple[float, float]] | None = None) -> list[Limit]:
    """Every rule of the run, in its order; one that stopped a better price without a limit of its own comes last. apart: as in `Limit`"""
    names, said = [name for name in stopped.split(";") if name], settings(rules)
    sums, ties = shared(rules), tying(rules)
    left = {**known.rules, **{name: (None, None) for name in names if name not in known.rules}}
    return [
        Limit(
            name,
            _minor(low, known),
            _minor(high, known),
            name in names,
            said.get(name, {}),
            name in sums,
            (apart or {}).get(name),
            name in ties,
        )
        for name, (low, high) in left.items()
    ]


def kept_apart(rules: Rules, line: pl.DataFrame, currency: str) -> dict[str, tuple[float, float]]:
    """`Limit.apart` by the names of the rules on the least change that are about a product. line: its row, as table ITEMS has it"""
    now = line["current_price"][0]
    if now is None:
        return {}
    found = {}
    for name, rule in zip(names_of(rules), rules, strict=True):
        if isinstance(rule, MinChange) and set(rule.where) <= set(line.columns) and rule.selects(line)[0]:
            step = float(rule.least(np.array([float(now)]), currency)[0])
            found[name] = (now - step, now + step)
    return found


def shared(rules: Rules) -> list[str]:
    """Names of the rules that bound a sum over several products: under those one price may make room for another."""
    return [name for name, rule in zip(names_of(rules), rules, strict=True) if type(rule).couplings is not Rule.couplings]


def tying(rules: Rules) -> list[str]:
    """Names of the rules that tie prices of products to one another."""
    return [name for name, rule in zip(names_of(rules), rules, strict=True) if type(rule).ties is not Rule.ties]


def settings(rules: Rules) -> dict[str, dict[str, Any]]:
    """Each rule as it stands in shop.toml, by its name."""
    return {name: plain(rule) for name, rule in zip(names_of(rules), rules, strict=True)}


def unit(facts: Mapping[str, Any], now: int | None, new: int | None, live: int | None = None) -> list[DriverStep]:
    """From the price on the tag down to what one sold unit earns: tax, fees, landed cost, and what comes back.

    facts  of the item: tax_rate, fee_rate, payment_rate, return_rate, landed_cost (minor units)
    """
    sides = [_unit(facts, price) for price in (now, new, live)]
    return [DriverStep(name, *(side.get(name) for side in sides)) for name in STEPS]


def margins(steps: list[DriverStep]) -> Margins:
    """steps: of `unit`"""
    of = {step.name: step for step in steps}
    return Margins(*(_margin({name: getattr(step, side) for name, step in of.items()}) for side in ("now", "new", "live")))


def _margin(money: Mapping[str, float | None]) -> float | None:
    price, tax, fees, landed = (money[name] for name in ("price", "tax", "fees", "landed_cost"))
    if price is None or tax is None or fees is None or landed is None:
        return None
    margin = float(margin_share(price + tax + fees, -landed))
    return margin if math.isfinite(margin) else None


def _unit(facts: Mapping[str, Any], price: int | None) -> dict[str, float | None]:
    if price is None:
        return {}
    tax, fee, payment, back = (float(facts[name] or 0.0) for name in ("tax_rate", "fee_rate", "payment_rate", "return_rate"))
    net, kept, landed = float(net_price(price, tax)), float(kept_price(price, tax, fee, payment)), facts["landed_cost"]
    steps: dict[str, float | None] = {"price": float(price), "tax": net - price, "fees": kept - net}
    if landed is None or not math.isfinite(landed):
        return {**steps, "landed_cost": None, "returns": None, "profit": None}
    earned = (1.0 - back) * (kept - landed)
    return {**steps, "landed_cost": -float(landed), "returns": earned - (kept - landed), "profit": earned}


def _minor(value: float | None, known: Stored) -> float | None:
    return None if value is None else round(value * known.minor, 6)
