"""The story of one price: what is known of its demand, what its change does, and which rules bound it."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.economics import kept_price, net_price
from pricesmith.contracts.errors import DataError, UnknownChoice
from pricesmith.contracts.money import exponent, to_major
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.batch import Priced
from pricesmith.flows.desk.product.curves import points
from pricesmith.flows.desk.product.kin import beside, related
from pricesmith.flows.desk.product.out_of_reach import crossed, one_in, out_of_reach
from pricesmith.flows.desk.product.why import outside
from pricesmith.flows.near import unknown_product
from pricesmith.flows.publishing.answers.own_price import gave_way
from pricesmith.flows.publishing.history import explanation
from pricesmith.preparation.list_share import rare
from pricesmith.preparation.prepared import Prepared

NAMED = 10
"""Products that are listed where a name is that of several."""
BESIDE = r"[^\p{Latin}\p{Greek}\p{Cyrillic}\p{N}_-]"
"""What stands beside a word: no letter of a script that sets words apart, no digit, and no hyphen, which makes one word of two."""
Document = dict[str, Any]


def known(prepared: Prepared, asked: str) -> str:
    """The SKU that is meant: the one asked for, else that of the only product whose name holds the words asked for, each a whole word.

    Raises UnknownChoice before any work is done; it lists the products where several names hold them.
    """
    products = prepared.tables["products"]
    if asked in products["sku"]:
        return asked
    found = products.filter(pl.lit(bool(asked.strip())), *(_holds(word) for word in asked.split())).select("sku", "name")
    if found.height > 1:
        exact = found.filter(pl.col("name").str.to_lowercase() == asked.strip().lower())
        found = exact if exact.height == 1 else found
    if found.height == 1:
        return str(found["sku"][0])
    if found.is_empty():
        raise unknown_product(products, asked)
    named = ", ".join(f"{sku} ({name})" for sku, name in found.head(NAMED).iter_rows())
    hint = f"{found.height} products have it in their name: {named}{', ...' if found.height > NAMED else ''}"
    raise UnknownChoice("product", asked, (), hint=hint)


def _holds(word: str) -> pl.Expr:
    """Whether a name holds a word and not a part of a longer one, such as B-1 in B-10; where words have no blanks between them, a part."""
    return pl.col("name").str.contains(f"(?i)(?:^|{BESIDE}){pl.escape_regex(word)}(?:$|{BESIDE})")


def rows_of(priced: Priced, sku: str, channel: str | None, region: str | None) -> list[Document]:
    """Decisions about a product with the number of their item; UnknownChoice where a channel or region is none of its own."""
    key = list(DECISIONS.key)
    table = priced.decided.decisions.filter(pl.col("sku") == sku)
    if table.is_empty():
        raise DataError(f"product {sku!r} is not priced", hint="it has no sales before the as-of date, or `active` is 0")
    for name, wanted in (("channel", channel), ("region", region)):
        if wanted is not None:
            if wanted not in table[name]:
                raise UnknownChoice(name, wanted, table[name].unique().to_list())
            table = table.filter(pl.col(name) == wanted)
    items = priced.decided.items.select(*key, "item", "name", "cost_assumed", "price_stated", "list_share")
    return table.join(items, on=key, how="left", maintain_order="left").to_dicts()


def tell(priced: Priced, row: Document) -> Document:
    """The story as a JSON document; money in major units, units and profit per day.

    price_stated  the product table says the current price, not the sales
    list_rare share of its last units sold near its current price, where so few were that only small orders may pay it; else None
    beside `flows.desk.kin.Beside`: units while related products keep today's prices, and how many change; None where that changes nothing
    curve  `profit` is the product's own; `family_change` what the price does to related products; `profit_with_family` both
    """
    currency, item = priced.snapshot.currency, int(row["item"])
    prices = {name: None if row[name] is None else to_major(row[name], currency) for name in ("current_price", "price")}
    head = {name: row[name] for name in DECISIONS.schema.names() if name not in prices}
    return {
        **{name: row[name] for name in ("sku", "name", "channel", "region")},
        **prices,
        **head,
        "as_of": priced.snapshot.as_of,
        "currency": currency,
        "horizon_days": priced.policy.horizon_days,
        "locale": priced.policy.locale,
        "cost_assumed": priced.policy.data.cost_assumed or row["cost_assumed"] == 1,
        "price_stated": row["price_stated"] == 1,
        "list_rare": rare(row["list_share"]),
        "support": support(priced, item),
        "curve": curve(priced, item),
        "drivers": drivers(priced, item),
        "related": acted_on(priced, item, row["price"]),
        "unit": unit(priced, item, row["price"]),
        "rules": (limits := rules(priced, item, row["binding_rules"])),
        "outside": broken(limits, row["reason"]),
        "beside": None if (moved := beside(priced.decided, item)) is None else msgspec.structs.asdict(moved),
        **beyond(priced, item, row["price"]),
    }


def curve(priced: Priced, item: int) -> list[Document]:
    """What each candidate price would bring, ascending prices; see `tell`."""
    found = points(priced.decided, item, priced.snapshot.currency)
    columns = {
        "price": found.price,
        "units": found.units,
        "units_lo": found.low,
        "units_hi": found.high,
        "profit": found.profit,
        "family_change": found.family,
        "profit_with_family": found.profit + found.family,
        "allowed": found.allowed,
    }
    return [dict(zip(columns, point, strict=True)) for point in zip(*(values.tolist() for values in columns.values()), strict=True)]


def support(priced: Priced, item: int) -> Document:
    """What the elasticity rests on, where the model can tell: how much the product's own data settle, and what similar products say."""
    demand = priced.decided.shop.demand
    share, alike, elsewhere, moves = (getattr(demand, name, None) for name in ("own_share", "alike", "elsewhere", "sensitivity"))
    if share is None or alike is None or elsewhere is None or moves is None:
        return {}
    others, same = alike(item), elsewhere(item)
    return {
        "own_share": float(share[item]),
        "sensitivity": float(moves[item]),
        "elsewhere": None if same is None else dataclasses.asdict(same),
        "alike": None if others is None else dataclasses.asdict(others),
    }


def drivers(priced: Priced, item: int) -> list[dict[str, Any]]:
    """What the change of profit is made of, major units a day: they add up to `profit_change`; see `explanation.drivers`."""
    decided = priced.decided
    family = decided.shop.demand.family
    rows = np.flatnonzero(family == family[item]) if family[item] >= 0 else np.array([item])
    parts = explanation.drivers(decided, decided.opened(rows))
    place, major = int(np.searchsorted(rows, item)), 10.0 ** exponent(priced.snapshot.currency)
    return [{"name": name, "effect": float(values[place]) / major} for name, values in parts.items()]


def acted_on(priced: Priced, item: int, price: int | None) -> list[Document]:
    """What the price does to each related product, the largest effect first; see `flows.desk.kin`. Prices in major units."""
    currency = priced.snapshot.currency
    found = [msgspec.structs.asdict(one) for one in related(priced.decided, item, price, currency)] if price else []
    prices = ("current_price", "price")
    return [{**one, **{name: None if one[name] is None else to_major(one[name], currency) for name in prices}} for one in found]


def unit(priced: Priced, item: int, price: int | None) -> dict[str, float | None]:
    """One unit from the price on the tag down to what it earns, major units."""
    if price is None:
        return {}
    facts = priced.decided.items.row(item, named=True)
    major = 10.0 ** exponent(priced.snapshot.currency)
    net = float(net_price(price, facts["tax_rate"]))
    kept = float(kept_price(price, facts["tax_rate"], facts["fee_rate"], facts["payment_rate"]))
    landed = facts["landed_cost"]
    steps = {"price": float(price), "tax": net - price, "fees": kept - net, "landed_cost": None if landed is None else -landed}
    earned = None if landed is None else (1.0 - facts["return_rate"]) * (kept - landed)
    returned = None if landed is None or earned is None else earned - (kept - landed)
    return {name: None if value is None else value / major for name, value in {**steps, "returns": returned, "profit": earned}.items()}


def beyond(priced: Priced, item: int, price: int | None) -> dict[str, Any]:
    """`crossed`, two limits that no price meets at once, else null; `out_of_reach`, the endings beside the price that rules forbid;
    `one_in`, of how many prices with an allowed ending one is a candidate here.

    Amounts in major units
    """
    decided, currency = priced.decided, priced.snapshot.currency
    pair = crossed(decided, item)
    near = out_of_reach(decided, priced.snapshot, priced.policy, item, price) if price else []
    thin = one_in(decided, priced.snapshot, priced.policy, item, price) if price else 1
    forbidden = [_major(one, currency) for one in near]
    return {"crossed": None if pair is None else _major(pair, currency), "out_of_reach": forbidden, "one_in": thin}


def broken(limits: list[Document], reason: str) -> Document | None:
    """The limit that today's price breaks, where that is why it moves: `rule` and `limit`, in the unit of the limits."""
    found = outside({rule["name"]: (rule["low"], rule["high"]) for rule in limits}, reason)
    return None if found is None else msgspec.structs.asdict(found)


def _major(told: msgspec.Struct, currency: str) -> Document:
    """Fields of a struct, its amounts (minor units) in major units."""
    major = 10.0 ** exponent(currency)
    return {name: value / major if isinstance(value, float) else value for name, value in msgspec.structs.asdict(told).items()}


def rules(priced: Priced, item: int, stopped: str) -> list[dict[str, Any]]:
    """Limits of every rule on the item, and of weak evidence where it sets any, major units; a limit that is free is null.

    gave_way  it is soft, and no price that the other rules allow keeps to it
    """
    limits, major = priced.decided.opened(np.array([item])).limits()[0], 10.0 ** exponent(priced.snapshot.currency)
    names, soft = [name for name in stopped.split(";") if name], gave_way(priced.decided, item)
    sides = {**limits, **{name: (-np.inf, np.inf) for name in names if name not in limits}}
    return [
        {"name": name, "low": low / major if np.isfinite(low) else None, "high": high / major if np.isfinite(high) else None,
         "binding": name in names, "gave_way": name in soft}
        for name, (low, high) in sides.items()
    ]  # fmt: skip
