"""A chain's price files: one for every channel and region of the newest price list that no shop takes yet, each connected as a shop."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import placed
from pricesmith.flows.desk.reading.ledger import Reading

from .feeds import FEED
from .page import Asked, make_feed

_OTHER = re.compile(r"[^\w.-]+")
LONGEST = 36
"""Letters of a channel and region that a name has: there is room for a number behind them."""


class Store(msgspec.Struct, frozen=True):
    """A channel and region without a shop, the name that its shop gets, and its file. products: with a known price there."""

    channel: str
    region: str
    name: str
    file: str
    products: int


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the files are written, as in `Asked`. count: stores that were seen to get one."""

    options: list[str] = []
    values: list[str] = msgspec.field(name="_values", default_factory=list)
    count: int | None = None


class Made(msgspec.Struct, frozen=True):
    """Files, prices in them, and products left out whose price is likely that of small orders alone."""

    files: int = 0
    prices: int = 0
    left_out: int = 0


def lacking(reading: Reading) -> list[Store]:
    """Empty where nothing was priced yet."""
    run = reading.latest()
    if run is None:
        return []
    shops = reading.policy.shops
    there = {(one.channel, one.region) for one in shops.values()}
    priced = reading.run(run).decided.filter(pl.col("current_price") > 0).group_by("channel", "region").len().sort("channel", "region")
    taken, found = set(shops), list[Store]()
    for channel, region, count in priced.iter_rows():
        if (channel, region) not in there:
            name = _named(reading, channel, region, taken)
            taken.add(name)
            found.append(Store(channel, region, name, f"{name}.csv", count))
    return found


def _named(reading: Reading, channel: str, region: str, taken: Collection[str]) -> str:
    """After channel and region as far as they say something; numbered where a shop or a file is called so already."""
    plain = _OTHER.sub("-", "-".join(placed(channel, region))).strip("-.")[:LONGEST] or "shop"
    plain = plain if plain[0].isalnum() and plain.isascii() else f"shop-{len(taken) + 1}"
    names = (plain, *(f"{plain}-{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken and not (reading.folder / f"{name}.csv").exists())


def make(reading: Reading, files: Files, *, by: str, at: dt.datetime) -> Made:
    """One act makes and connects them all, each as `make_feed` does; those that were made stand where a later one fails.

    Raises UsageError where every channel and region has a shop, and what `make_feed` raises.
    """
    stores = lacking(reading)
    if not stores:
        raise UsageError("every channel and region of the newest price list has a shop", hint="connect another one beside it")
    made = []
    for one in stores:
        asked = Asked(FEED, name=one.name, url=one.file, channel=one.channel, region=one.region, options=files.options, values=files.values)
        made.append(make_feed(reading, asked, by=by, at=at))
    return Made(len(made), sum(count for count, _ in made), sum(left for _, left in made))
