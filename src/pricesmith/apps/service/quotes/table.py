"""Prices in force in memory: columns for a million products, one index, and the text of a quote as a template for all that are alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.quotes.in_force import KEY, InForce
from pricesmith.flows.desk.quotes.quotes_kept import Kept

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
STEP = 5000
"""Products that enter the index before other work gets its turn."""
_ALIKE = ["channel", "region", "currency", "source", "cause", "shop", "run", "rests", "follows", "old"]
RECORD = Struct("<qqq")
"""Price in minor units (0: none), microseconds since 1970, place in `kinds`."""
_unpack = RECORD.unpack_from
_PLAIN = bytes(code for code in range(0x20, 0x7F) if code not in b'"\\')
Place = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is the same in the quotes of many products.

    template  bytes with places for SKU, price, key (where `keyed`), since when, stale
    until     microseconds since 1970 until which the data are young enough; 0 where that is unknown
    """

    template: bytes
    keyed: bool
    until: int


@dataclass(frozen=True, slots=True)
class Table:
    """The prices in force of one act of the ledger. It never changes; the index may know products that it does not hold yet.

    products  number of them
    records   by product, side by side, so that one look at the memory brings all: see RECORD
    places    (channel, region) -> SKU -> product
    """

    kept_from: dt.datetime
    read_at: dt.datetime
    act: int
    products: int
    records: memoryview
    kinds: tuple[Kind, ...]
    places: dict[Place, dict[bytes, int]] = field(repr=False)

    def find(self, sku: bytes, place: Place) -> int:
        """The product, -1 where there is none."""
        number = self.places.get(place, _NOBODY).get(sku, -1)
        return number if number < self.products else -1

    def quote(self, number: int, sku: bytes, late: bool, now: int) -> bytes | None:
        """The JSON text of a product's quote; None where no price of it is known.

        late  the ledger has not been read for too long
        now   microseconds since 1970
        """
        record: tuple[int, int, int] = _unpack(self.records, number * RECORD.size)
        price, at, place = record
        if price <= 0:
            return None
        kind = self.kinds[place]
        stale = b"true" if late or now >= kind.until else b"false"
        name = sku if not sku.translate(None, _PLAIN) else _escaped(sku)
        if kind.keyed:
            return kind.template % (name, price, name, moment(at), stale)
        return kind.template % (name, price, moment(at), stale)


_NOBODY: dict[bytes, int] = {}


def table_of(kept: Kept, guards: GuardPolicy, before: Table | None) -> tuple[Table, pl.DataFrame]:
    """The table, and the products (keys, `number`) that its index does not know yet: see `grow`.

    before  a table whose index is used again where its products stand at the same places
    """
    prices = kept.prices
    rests = pl.when("listed").then(pl.lit(prices.latest)).otherwise("run")
    alike = prices.rows.select(rests=rests, **{name: pl.col(name) for name in _ALIKE if name != "rests"}).select(_ALIKE)
    distinct = alike.unique(maintain_order=True).with_row_index("kind")
    kind = alike.join(distinct, on=_ALIKE, how="left", maintain_order="left")["kind"]
    limits = _limits(prices, guards)
    kinds = tuple(_kind(row, limits) for row in distinct.iter_rows(named=True))
    same = before is not None and before.kept_from == kept.begun
    known = before.products if before is not None and same else 0
    records = _records(prices.rows["price"], prices.rows["at"].dt.epoch("us").fill_null(0), kind)
    places = before.places if before is not None and same else {}
    fresh = prices.rows.select(KEY).with_row_index("number").slice(known)
    return Table(kept.begun, kept.read_at, prices.act, prices.rows.height, records, kinds, places), fresh


def grow(places: dict[Place, dict[bytes, int]], fresh: pl.DataFrame) -> Iterator[None]:
    """Put products into the index, some at a time."""
    for part in fresh.iter_slices(STEP):
        for (channel, region), rows in part.group_by("channel", "region", maintain_order=True):
            skus = rows["sku"].cast(pl.Binary).to_list()
            place = places.setdefault((str(channel).encode(), str(region).encode()), {})
            place.update(zip(skus, rows["number"].to_list(), strict=True))
        yield


def _records(price: pl.Series, at: pl.Series, kind: pl.Series) -> memoryview:
    """The columns side by side."""
    found: Any = np.empty(len(price), dtype=[("price", "<i8"), ("at", "<i8"), ("kind", "<i8")])
    for name, column in (("price", price), ("at", at), ("kind", kind)):
        found[name] = column.to_numpy()
    return memoryview(found.view(np.uint8))


Limits = Mapping[tuple[str, bool], int]


def _limits(prices: InForce, guards: GuardPolicy) -> Limits:
    """(run, follows competitors) -> microseconds since 1970 until which the run's data are young enough; 0 where that is unknown."""
    cost, rival = dt.timedelta(hours=guards.cost_hours), dt.timedelta(hours=guards.competitor_hours)
    limits: dict[tuple[str, bool], int] = {}
    for run, cost_at, competitor_at in prices.runs.select("run", "cost_at", "competitor_at").iter_rows():
        plain = 0 if cost_at is None else _micros(cost_at + cost)
        limits[run, False] = plain
        limits[run, True] = 0 if competitor_at is None else min(plain, _micros(competitor_at + rival))
    return limits


def _kind(row: Mapping[str, Any], limits: Limits) -> Kind:
    until = 0 if row["old"] else limits.get((row["rests"], row["follows"]), 0)
    names = {name: _json(row[name]) for name in ("channel", "region", "currency", "source", "cause", "shop", "run")}
    tail = b"/%b/%b" % (_text(row["channel"]), _text(row["region"]))
    keyed = bool(row["run"])
    decision = b'{"run":%b,"key":"%%b%b"}' % (names["run"], tail) if keyed else b"null"
    template = (
        b'{"sku":"%%b","channel":%b,"region":%b,"price":%%d,"currency":%b,"source":%b,"cause":%b,"shop":%b,"decision":%b,'
        b'"as_of":%%b,"valid_until":%b,"stale":%%b}'
    )
    ends = b"null" if not until else moment(until)
    parts = [names[name] for name in ("channel", "region", "currency", "source", "cause", "shop")]
    return Kind(template % (*parts, decision, ends), keyed, until)


def _json(text: str) -> bytes:
    """JSON text in a template, null where it is empty."""
    return b'"%b"' % _text(text) if text else b"null"


def _text(text: str) -> bytes:
    return _escaped(text.encode()).replace(b"%", b"%%")


def _escaped(text: bytes) -> bytes:
    """UTF-8 as it stands inside the quotes of a JSON string."""
    return msgspec.json.encode(text.decode())[1:-1]


def _micros(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)


@lru_cache(maxsize=65_536)
def moment(micros: int) -> bytes:
    """A moment as JSON text."""
    return msgspec.json.encode(EPOCH + dt.timedelta(microseconds=micros))
