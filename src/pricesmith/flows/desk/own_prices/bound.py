"""Products that rules bind to one price: what is set for one of them has to be set for all."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.product import page as product
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.rules.together import at_one_price

from .own import Own, own_of
from .whole import left_soon


class Asked(product.Asked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """In which place of the product and which run, and the price and reason that were typed for it, as they were."""

    price: str = ""
    why: str = ""


class BoundPrice(msgspec.Struct, frozen=True):
    """A product and its prices, minor units. price: that of the run; own: what a person set beside it."""

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    price: int | None
    action: str
    own: Own | None


class Bound(msgspec.Struct, frozen=True):
    """The products that have to have one price with the one asked about, itself first. laid_out: false while that is being made."""

    run: str
    currency: str
    sku: str
    channel: str
    region: str
    asked: Asked
    rows: list[BoundPrice] = []
    laid_out: bool = True


def bound(reading: Reading, sku: str, asked: Asked, at: dt.datetime) -> Bound:
    """Raises UnknownChoice for a run, product, channel or region that is not there."""
    name = asked.run or reading.latest()
    if name is None:
        raise UnknownChoice("run", asked.run, [])
    run = reading.run(name)
    key, _ = product.placed(run, sku, asked)
    left, page = left_soon(reading, name, at), Bound(name, run.currency, *key, asked)
    if left is None:
        return msgspec.structs.replace(page, laid_out=False)
    first = pl.all_horizontal(pl.col(part) == value for part, value in key._asdict().items())
    item = int(run.decided.filter(first)["item"][0])
    found = run.decided.filter(pl.col("item").cast(pl.Int64).is_in(at_one_price(left.known, item).tolist()))
    own = own_of(reading, run, at)
    table = found.with_columns(first=first).sort("first", *KEY, descending=[True, False, False, False])
    rows = table.select(*KEY, "name", "current_price", "price", "action").iter_rows(named=True)
    return msgspec.structs.replace(page, rows=[BoundPrice(**row, own=own.get(Key(*(row[part] for part in KEY)))) for row in rows])
