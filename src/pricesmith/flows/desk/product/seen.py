"""What the page of a product sees where the run is decided again: curves, history, family, and what stands beside its price."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import polars as pl

from pricesmith.demand.alike import Alike, OtherPlaces
from pricesmith.demand.groups import FOUND_FAMILY_LIMIT, names_families
from pricesmith.flows.desk.approval.foreseen import ForeseenHold, Holding
from pricesmith.flows.desk.own_prices.whole import EVERY, Barred, Left, left_soon, offered
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.sellable import sellable
from pricesmith.flows.publishing.answers.own_price import gave_way, settable
from pricesmith.flows.publishing.history.rederive import Rederived
from pricesmith.rules.together import at_one_price

from . import past
from .charged import Charged, charged
from .curve import Curve, curve
from .guarded import Blocked, Guarded, blocked, guarded
from .kin import Beside, Related, beside, moves, related
from .out_of_reach import Beyond, Crossed, crossed, one_in, out_of_reach


class Seen(msgspec.Struct, frozen=True):
    """What needs the run decided again.

    moves     its price moves any of the related products so far that it shows
    tied      other products that rules bind to one price with it
    near      prices nearest to the proposed one that a person may set and no guard is foreseen to hold, minor units
    barred    prices as near that only a rule over several products forbids
    guarded   prices that the rules on the product alone allow and a guard would hold
    blocked   where a guard would hold the proposed price and nothing is near: what stands in the way
    gave_way  names of the soft rules that gave way here: no price that the other rules allow keeps to them
    crossed   two limits that no price meets at once, if there are such
    beyond    endings nearest to the price, on either side of it, that rules forbid
    one_in    of so many prices with an allowed ending, one is a candidate near the price
    families  the shop names families of products; where it does not, categories of at most `small` products stand in for them
    advice    codes of what would make the evidence better; see `past.advice`
    days      length of one of `weeks`
    until     the day after the last of which they tell; null where there are none;  begun: the last of them is not over by then
    beside    what the new prices of related products do to the units expected of it; null where nothing
    own_share weight of its own sales in its elasticity, similar products having the rest, where the model can tell
    alike     what similar products say of that elasticity at the current price, where the model can tell and there are any
    elsewhere what the same product says of it in other stores, likewise
    charged   what it sold at regular prices like the proposed one; null where none was charged, or its price stays
    usual     median of what was charged for it, major units;  sold_now, sold_new: see `sellable`, at the current and the proposed price
    """

    curve: Curve
    weeks: list[past.Week]
    days: float
    until: dt.date | None
    begun: bool
    promotions: list[past.Promotion]
    support: past.Support
    advice: list[str]
    related: list[Related]
    moves: bool
    beside: Beside | None
    families: bool
    small: int
    tied: int
    near: list[int]
    barred: list[Barred]
    guarded: list[Guarded]
    blocked: Blocked | None
    gave_way: list[str]
    crossed: Crossed | None
    beyond: list[Beyond]
    one_in: int
    own_share: float | None
    alike: Alike | None
    elsewhere: OtherPlaces | None
    charged: Charged | None
    usual: float | None
    sold_now: tuple[float, float] | None
    sold_new: tuple[float, float] | None


class Gate(NamedTuple):
    """What guards say of the item. holding: of other prices, None where it is not known (yet);  held: why its change would be held."""

    holding: Holding | None
    held: ForeseenHold | None


class Instead(NamedTuple):
    """Fields of `Seen`."""

    near: list[int] = []
    barred: list[Barred] = []
    guarded: list[Guarded] = []
    blocked: Blocked | None = None


def seen_soon(reading: Reading, name: str, row: dict[str, Any], cost_assumed: bool, gate: Gate, at: dt.datetime) -> Seen | None:
    """None while the run is being laid out for a large shop."""
    again = reading.replayed_soon(name)
    left = None if again is None else left_soon(reading, name, at)
    return None if left is None or again is None else seen(again, left, row, cost_assumed, gate)


def instead(again: Rederived, left: Left, item: int, price: int | None, gate: Gate) -> Instead:
    """What may be set in place of the price (minor units) of an item; nothing is offered before it is known what guards would hold."""
    if not price or gate.holding is None:
        return Instead()
    held = gate.holding(settable(left.decided, item, float(price), EVERY))
    near, barred = offered(left.decided, left.known, item, float(price), passing=lambda prices: [one for one in prices if one not in held])
    stuck = None if near or gate.held is None else blocked(left, again.snapshot, again.policy, item, gate.held, gate.holding)
    return Instead(near, barred, guarded({one: why for one, why in held.items() if one != price}, price), stuck)


def seen(again: Rederived, left: Left, row: dict[str, Any], cost_assumed: bool, gate: Gate) -> Seen:
    """Curves and history of an item.

    left   what people left of the run: own prices are judged beside it
    row    of the price table, with `item`
    """
    item, snapshot = int(row["item"]), again.snapshot
    cells = past.cells_of(snapshot, item)
    told = pl.concat([cells, snapshot.doubtful.filter(pl.col("item") == item)])
    weeks, days = past.weeks(snapshot, told), past.SPANS[snapshot.period][1]
    until = past.until(snapshot, weeks, told)
    support = past.support(weeks, cells)
    price = row["price"] or row["current_price"]
    family = related(again.decided, item, price, snapshot.currency) if price else []
    found = curve(again.decided, replace(snapshot, cells=cells), item)
    at = {one.price: one for one in found.candidates}
    there = None if row["price"] not in at else (at[row["price"]].lo, at[row["price"]].hi)
    return Seen(
        found,
        weeks,
        days,
        until,
        snapshot.period == "day" and until is not None and until < weeks[-1].start + dt.timedelta(days=days),
        past.promotions(snapshot, row["sku"]),
        support,
        past.advice(row["evidence"], support, cost_assumed=cost_assumed, cost_moved=past.cost_moved(cells)),
        family,
        moves(family, snapshot.currency),
        beside(again.decided, item),
        names_families(snapshot.items),
        FOUND_FAMILY_LIMIT,
        at_one_price(left.known, item).size - 1,
        *instead(again, left, item, price, gate),
        gave_way(again.decided, item),
        crossed(again.decided, item),
        out_of_reach(again.decided, snapshot, again.policy, item, price) if price else [],
        one_in(again.decided, snapshot, again.policy, item, price) if price else 1,
        None if (share := getattr(again.decided.shop.demand, "own_share", None)) is None else float(share[item]),
        None if (alike := getattr(again.decided.shop.demand, "alike", None)) is None else alike(item),
        None if (same := getattr(again.decided.shop.demand, "elsewhere", None)) is None else same(item),
        charged(snapshot, cells, row["price"], there) if row["action"] == "change" else None,
        past.usual_price(snapshot, row["sku"]),
        *(sellable(again.decided, item, at.get(row[name]), again.policy.horizon_days) for name in ("current_price", "price")),
    )
