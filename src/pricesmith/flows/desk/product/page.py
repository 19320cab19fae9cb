"""One product in one run: its price and why, its curves, its history, its family, and what the ledger knows of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.money import exponent
from pricesmith.contracts.offers import REFERENCES, Reference, column_of
from pricesmith.contracts.shop import UNNAMED, Key
from pricesmith.flows.desk.approval.brought import Brought, brought
from pricesmith.flows.desk.approval.contradicted import SetBeside, set_beside
from pricesmith.flows.desk.approval.elsewhere import Elsewhere, elsewhere
from pricesmith.flows.desk.approval.foreseen import Foreseen, ForeseenHold, foreseen, holding, known, reasons
from pricesmith.flows.desk.approval.left_apart import Pair, apart_of
from pricesmith.flows.desk.models.said_against import Covered, covered
from pricesmith.flows.desk.outcome.hindsight import ProductHindsight, foretold
from pricesmith.flows.desk.own_prices.by_hand import ByHand, by_hand_of
from pricesmith.flows.desk.own_prices.own import Own, overrides_of, own_of
from pricesmith.flows.desk.prices.dear import Dear, dear
from pricesmith.flows.desk.prices.ends import kept_otherwise
from pricesmith.flows.desk.prices.table import table_of
from pricesmith.flows.desk.publishing.since import InShop, in_shop
from pricesmith.flows.desk.publishing.ways_back import Back, ways_back
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.runs.in_force import Behind, behind
from pricesmith.flows.desk.today.outlook import Outlook, outlook
from pricesmith.flows.desk.today.silence import silent, sold_till
from pricesmith.flows.desk.today.told_by_data import brief_price, found_specials, overruled_price
from pricesmith.flows.desk.today.unexplained import Lately, sold_lately
from pricesmith.flows.near import natural, unknown_product
from pricesmith.preparation.list_share import rare
from pricesmith.rules.competitor_band import compared, followed

from . import why
from .offers import Offers, offers_of
from .run_by_run import Said, run_by_run
from .seen import Gate, Seen, seen_soon
from .traces import Event, traces

DECIDED = (
    *("action", "reason", "evidence", "current_price", "price", "move", "profit_change", "profit_change_lo", "profit_change_hi"),
    *("elasticity", "elasticity_lo", "elasticity_hi", "expected_units", "expected_revenue", "expected_profit", "binding_rules"),
    *("state", "needs", "agreed", "landed_cost", "on_hand"),
)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which of a product's prices; the newest run and the place without a name of its own, else the first, where they are left out."""

    channel: str = ""
    region: str = ""
    run: str = ""


class Place(msgspec.Struct, frozen=True):
    """A channel and region in which the product is priced. price: minor units."""

    channel: str
    region: str
    price: int | None
    action: str


class Rivals(msgspec.Struct, frozen=True):
    """Competitors' valid offers on the day of the run.

    price      their median, minor units;  offers  how many
    cheapest, second, average  what else they say together, minor units; None in runs of before
    reference, against  what the rules follow, where that is one thing and known, else the median
    now, new   how far the current and the new price lie above that, as a share
    influence  how far what rules follow of them moves where any one seller is left out
    followed   what of them the rules follow, of `contracts.offers.REFERENCES`; empty where none does
    """

    price: float
    offers: int
    now: float | None
    new: float | None
    influence: float | None
    cheapest: float | None = None
    second: float | None = None
    average: float | None = None
    followed: list[Reference] = []
    reference: Reference = "median"
    against: float | None = None


class Product(msgspec.Struct, frozen=True):
    """Prices and costs in minor units, expectations in major units a day.

    behind     whether a newer run or other rules overtook the run
    made_at, by  when the run was last made, and by whom;  askers: who may not accept its prices, for they asked for them
    decided    the columns DECIDED of the price table
    scale      minor units of one major unit
    drivers    what the change of profit is made of; they add up to it
    toward     where a still better price lies that rules stopped: `up`, `down`, or "" where that is not known or none is
    outside    the limit that today's price breaks, where that is why it moves
    apart      pairs with other products that a rule does not allow and that the run leaves so, as today's prices broke it
    unit       one unit's money, from the price on the tag down to what it earns; `live` where the shop has neither price;  margins: of it
    last_sale, stale_after_days  start of its last sales row, and the age in days from which the run holds a product for it
    last_sale_end  the last day of which that row may tell;  sale_days: that day's age on the day of the run
    silent     that is long ago, see `coverage.GONE_DAYS`, and it is priced all the same
    dear       its cost, where that lies above its price
    list_rare  share of its units of the last days that were sold near its current price, where so few were that it is likely to be that of
               small orders alone; see `preparation.list_share`
    brief      its current price was charged on its last days of sale alone, well below those of before: a special, most often
    specials   its promotions are specials that were found by their prices, as nothing marks any
    stated     its current price is the one in the product table, not one that the sales say
    overruled  the product table names another price, at which the last sales were not made, so that what was paid counts
    anchor     best price within its own limits but those on competitors, the product by itself, minor units
    set_beside  what a person set in its place beside the run and nobody turned down
    own        the newest price that a person set beside the run;  own_why: why a person set the price of this run
    offers     of single competitors, as the shop's files have them now
    in_shop    what the shop has now and the run could not know
    back       its prices that can be taken back, of whatever run
    carried    another run brings the very price that this one proposes
    elsewhere  other runs in which its price is accepted and was not sent yet
    by_hand    that price beside the recommended one
    covered    the last test of the model found its 90 % intervals too narrow or wider than need be
    outlook    from what was sold of it lately to what is expected at its current price; None where the model cannot tell
    lately     what it sold in the latest weeks (or month), where that is less or more than the model can explain
    hindsight  what an earlier run foretold of it for the time since, against what was sold; None where no run's data ended earlier
    seen       None while the run is being laid out: ask again in a while
    held       why a guard would hold its change as it is;  foreseen: the same of the whole run, and whether it is known
    """

    run: str
    newest: bool
    behind: Behind
    made_at: dt.datetime
    by: str
    askers: list[str]
    as_of: dt.date
    currency: str
    scale: float
    horizon_days: int
    cost_assumed: bool
    dear: Dear | None
    list_rare: float | None
    brief: bool
    specials: bool
    stated: bool
    overruled: bool
    sku: str
    channel: str
    region: str
    name: str | None
    brand: str | None
    category: str | None
    family: str | None
    role: str | None
    places: list[Place]
    decided: dict[str, Any]
    drivers: list[why.Driver]
    toward: str
    outside: why.Outside | None
    apart: list[Pair]
    unit: list[why.DriverStep]
    margins: why.Margins
    limits: list[why.Limit]
    last_sale: dt.date | None
    last_sale_end: dt.date | None
    stale_after_days: int | None
    sale_days: int | None
    silent: bool
    anchor: float | None
    ends_otherwise: bool
    rivals: Rivals | None
    offers: Offers
    covered: Covered | None
    outlook: Outlook | None
    lately: Lately | None
    hindsight: ProductHindsight | None
    seen: Seen | None
    held: ForeseenHold | None
    foreseen: Foreseen
    events: list[Event]
    run_by_run: list[Said]
    set_beside: SetBeside | None
    own: Own | None
    own_why: str | None
    by_hand: ByHand | None
    in_shop: InShop | None
    back: list[Back]
    carried: Brought | None
    elsewhere: list[Elsewhere]


def product(reading: Reading, sku: str, asked: Asked, at: dt.datetime) -> Product:
    """Raises UnknownChoice for a run, product, channel or region that is not there."""
    name = asked.run or reading.latest()
    if name is None:
        raise UnknownChoice("run", asked.run, [])
    run = reading.run(name)
    key, places = placed(run, sku, asked)
    line = table_of(reading, run, at).filter(_is(key))
    row = line.row(0, named=True)
    told = _told(reading, name, key)
    assumed = run.policy.data.cost_assumed or row["cost_assumed"] == 1
    live = in_shop(reading, run, pl.DataFrame([key], schema=KEY, orient="row"), at).get(key)
    prices, guards = (row["current_price"], row["price"]), _guarded(reading, run, line, at)
    again = seen_soon(reading, name, row, assumed, Gate(holding(reading, run, line, at), guards["held"]), at)
    return Product(
        **_made(reading, run),
        cost_assumed=assumed,
        dear=dear(reading, row),
        **key._asdict(),
        **{part: row[part] for part in ("name", "brand", "category", "family", "role")},
        places=places,
        decided={part: row[part] for part in DECIDED},
        **_explained(told, line, run),
        apart=apart_of(reading, name, key),
        **_unit(row, prices, live),
        **_sold_lately(reading, run, row),
        rivals=rivals(row, told.influence, followed(run.policy.rules, line)[0]),
        offers=offers_of(reading, run, key.sku, prices, at, again.usual if again else None),
        covered=covered(reading, run),
        outlook=outlook(reading, name, np.array([row["item"]])) if again and row["current_price"] else None,
        hindsight=foretold(reading, name, key) if again else None,
        lately=sold_lately(reading, name, key) if again else None,
        seen=again,
        **guards,
        events=traces(reading, key),
        run_by_run=run_by_run(reading, key),
        set_beside=set_beside(reading, run, key, at),
        own=own_of(reading, run, at).get(key),
        own_why=set_.why if (set_ := overrides_of(run.row).get(key)) else None,
        by_hand=by_hand_of(reading, run, key),
        in_shop=live,
        back=ways_back(reading, key),
        carried=brought(reading, run, line, at).get(key),
        elsewhere=elsewhere(reading, name, key, at),
    )


def _unit(row: Mapping[str, Any], prices: tuple[int | None, int | None], live: InShop | None) -> dict[str, Any]:
    """`unit` and `margins` of Product."""
    steps = why.unit(row, *prices, None if live is None or live.price in prices else live.price)
    return {"unit": steps, "margins": why.margins(steps)}


def _made(reading: Reading, run: Run) -> dict[str, Any]:
    """The run and its making, as Product names them."""
    made = reading.last_made(run.name)
    return {
        "run": run.name,
        "newest": run.name == reading.latest(),
        "behind": behind(reading, run.name),
        "made_at": made["at"],
        "by": made["by"],
        "askers": reading.askers(run.name),
        "as_of": run.as_of,
        "currency": run.currency,
        "scale": 10.0 ** exponent(run.currency),
        "horizon_days": run.policy.horizon_days,
    }


def _explained(told: why.Stored, line: pl.DataFrame, run: Run) -> dict[str, Any]:
    """Fields of Product about why it has its price. line: its row of the price table"""
    row, rules = line.row(0, named=True), run.policy.rules
    stopped = "" if row["reason"] == "override" else row["binding_rules"]
    return {
        "ends_otherwise": not kept_otherwise(run, line).is_empty(),
        "drivers": why.drivers(told),
        "toward": why.toward(told.rules, row["binding_rules"], row["price"] / told.minor) if row["action"] == "change" else "",
        "outside": why.outside(told.rules, row["reason"], told.minor),
        "limits": why.limits(told, stopped, rules, why.kept_apart(rules, line, run.currency)),
        "anchor": None if told.anchor is None else told.anchor * told.minor,
    }


def _guarded(reading: Reading, run: Run, line: pl.DataFrame, at: dt.datetime) -> dict[str, Any]:
    """Fields of Product about guards. line: its row of the price table"""
    held = reasons(known(reading, run, at), line)
    return {"held": next(iter(held.values()), None), "foreseen": foreseen(reading, run, at)}


def _sold_lately(reading: Reading, run: Run, row: dict[str, Any]) -> dict[str, Any]:
    """Fields of Product about its last sales. row: of the price table"""
    last_sale, few = row["last_sale"], rare(row.get("list_share"))
    end, allowed = sold_till(run, last_sale), run.policy.data.stale_after_days
    age = None if end is None else (run.as_of - end).days
    return {
        "last_sale": last_sale,
        "last_sale_end": end,
        "stale_after_days": allowed,
        "sale_days": age,
        "silent": row["action"] != "hold" and silent(run, last_sale),
        "list_rare": few,
        "brief": brief_price(reading, row["sku"]),
        "specials": found_specials(reading, row["sku"]),
        "stated": row.get("price_stated") == 1,
        "overruled": overruled_price(reading, row["sku"]),
    }


def placed(run: Run, sku: str, asked: Asked) -> tuple[Key, list[Place]]:
    """The key that is meant, and every place of the product."""
    own = run.decided.filter(pl.col("sku") == sku)
    if own.is_empty():
        raise unknown_product(run.decided, sku, where=f"run {run.name}", otherwise="search for it on the page Prices")
    found = own
    for name, value in (("channel", asked.channel), ("region", asked.region)):
        if value:
            if value not in own[name]:
                raise UnknownChoice(name, value, own[name].unique().to_list(), where=sku)
            found = found.filter(pl.col(name) == value)
    if found.is_empty():
        raise UnknownChoice("region", asked.region, own.filter(pl.col("channel") == asked.channel)["region"].to_list(), where=sku)
    found = found.sort((pl.col("channel") != UNNAMED) | (pl.col("region") != UNNAMED), maintain_order=True)
    places = [Place(*row) for row in own.select("channel", "region", "price", "action").iter_rows()]
    return Key(*found.select(KEY).row(0)), sorted(places, key=lambda one: (natural(one.channel), natural(one.region)))


def rivals(row: dict[str, Any], influence: float | None, followed: list[Reference]) -> Rivals | None:
    """None where the product has no valid offer. followed: what its rules follow"""
    price = row["competitor_price"]
    if not price:
        return None
    others = {name: row.get(column_of(name)) for name in REFERENCES if name != "median"}
    reference = compared(row, followed)
    against = float(row[column_of(reference)])
    now, new = (None if row[name] is None else row[name] / against - 1.0 for name in ("current_price", "price"))
    count = row["competitor_offers"] or 0
    return Rivals(price, count, now, new, influence, **others, followed=followed, reference=reference, against=against)


def _told(reading: Reading, run: str, key: Key) -> why.Stored:
    """What the run says of its decision."""
    where = {"run": [run], **{part: [value] for part, value in key._asdict().items()}}
    return why.stored(reading.book.read("decided", where)["explanation"][0])


def _is(key: Key) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == value for name, value in key._asdict().items())
