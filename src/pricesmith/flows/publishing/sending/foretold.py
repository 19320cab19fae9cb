"""What the guards would hold of a run for what its changes are, before anybody agrees to them and without asking the shop.

The shop is taken to have what the ledger saw there last, else what the run started from. Enough people agree, no data are old, nothing is
stopped and every wave may leave: whatever hangs on the moment is for the dry run, see preview.py.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.guard import State
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history import readings
from pricesmith.guards.batch_breaker import INDEX
from pricesmith.guards.gate import WAITS, Gated, gate
from pricesmith.guards.measured import measured

from .gate import as_changes, with_past

KEY = list(DECISIONS.key)
SCHEMA = pl.Schema(
    {**dict.fromkeys([*KEY, "guard", "code"], pl.String()), "price": pl.Int64(), "against": pl.Float64(), "bound": pl.Float64()}
)
"""The first guard that holds a change, its reason, and what it measured; see `measured`."""


class Place(NamedTuple):
    """Where the prices are to go, and what is known of it.

    applied     rows of table APPLIED of the target
    exceptions  rows of table EXCEPTIONS
    """

    target: str
    currency: str
    applied: pl.DataFrame
    exceptions: pl.DataFrame


class Foretold(NamedTuple):
    """Of changes that are sent together.

    held   columns SCHEMA of those that a guard would hold whenever they are sent
    stops  `GUARD code` of what would stop the whole channel: nothing more of it leaves then
    """

    held: pl.DataFrame
    stops: tuple[str, ...]


def foretold(changes: pl.DataFrame, products: pl.DataFrame, place: Place, limits: GuardPolicy, at: dt.datetime) -> Foretold:
    """What the guards would do about changes.

    changes   keys, `price`, `current_price` (minor units), `forbidden` of all changes of the run that go there: G6 looks at them together
    products  of `runs.RunFacts`
    """
    rows, state = _rows(changes, products, place, at), _calm(place, at)
    answer = gate(rows, state, limits)
    return Foretold(
        _held(rows, answer, state, limits), tuple(f"{stop.guard} {stop.code}" for stop in answer.stops if stop.code not in INDEX)
    )


def foretold_alone(
    product: pl.DataFrame, prices: pl.DataFrame, products: pl.DataFrame, place: Place, limits: GuardPolicy, at: dt.datetime
) -> pl.DataFrame:
    """Columns SCHEMA of those prices of one product that a guard would hold if a person set that one alone.

    prices   `price`, minor units, each once, and `forbidden`;  product: its key and `current_price`, one row;  products: as in `foretold`
    What a person sets follows no competitor.
    """
    row = _rows(product.with_columns(price=pl.lit(0, pl.Int64), forbidden=pl.lit(0, pl.Int8)), products, place, at).with_columns(
        follows=pl.lit(0, pl.Int8)
    )
    each = row.drop("price", "forbidden").join(prices, how="cross").select(row.columns)
    apart = each.with_columns(sku=pl.col("price").cast(pl.String))  # as different products: a batch that has one twice is held
    state = _calm(place, at)
    return _held(apart, gate(apart, state, limits), state, limits).with_columns(sku=pl.lit(product["sku"][0]))


def _rows(changes: pl.DataFrame, products: pl.DataFrame, place: Place, at: dt.datetime) -> pl.DataFrame:
    """Rows of table CHANGES of those that move the price that the shop was last seen to have; the arguments are those of `foretold`."""
    seen = changes.join(readings.latest(place.applied).select(*KEY, "known"), on=KEY, how="left", maintain_order="left")
    seen = seen.select(
        *KEY, "price", "forbidden", read=pl.coalesce("known", "current_price"), currency=pl.lit(place.currency), handle=pl.lit("")
    )
    moving = seen.filter(pl.col("read") != pl.col("price"))
    news = readings.news(place.applied, place.target, moving, at, readings.OURS)
    past = pl.concat([place.applied.drop("seq"), news])
    hits = pl.DataFrame(schema={**dict.fromkeys([*KEY, "guard"], pl.String()), "at": pl.Datetime("us", "UTC")})
    known = with_past(moving.join(products, on=KEY, how="left", maintain_order="left"), past, place.exceptions, hits, at)
    fresh = {name: pl.lit(at) for name in ("cost_at", "competitor_at", "stock_at")}
    return as_changes(known.with_columns(**fresh, current_price="read", needs=1, agreed=2, rank=0.0, undo=0))


def firm(hits: pl.DataFrame) -> pl.DataFrame:
    """Keys, `guard` and `code` of each price that a guard holds for what it is, by the first such guard: neither time nor people let it go.

    hits  of `Gated`
    """
    rows = hits.filter(pl.col("sku").is_not_null() & ~pl.col("code").is_in(WAITS))
    return rows.select(*KEY, "guard", "code").unique(KEY, keep="first", maintain_order=True)


def _calm(place: Place, at: dt.datetime) -> State:
    """A channel on which nothing but the changes themselves keeps them back."""
    return State(
        at, place.target, place.currency, stopped="", attested=True, shadow_days=math.inf, wave=1.0, orders=0, usual=0.0, clock_skew=0.0
    )


def _held(rows: pl.DataFrame, answer: Gated, state: State, limits: GuardPolicy) -> pl.DataFrame:
    """rows: of table CHANGES;  answer: of the gate about them."""
    asked = rows.join(firm(answer.hits), on=KEY, how="left", maintain_order="left")
    sizes = measured(rows, asked["code"].fill_null("").to_list(), state.at, limits)
    told = {name: pl.Series(values).fill_nan(None) for name, values in zip(("against", "bound"), sizes, strict=True)}
    return asked.with_columns(**told).drop_nulls("code").select(SCHEMA.names()).cast(SCHEMA)
