"""Compare what stands in the shop with what the ledger knows: prices that somebody else changed are drift, and are shown."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pricesmith.contracts.ledger import Act
from pricesmith.contracts.shop import Key, Reading
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history import readings

from .patience import asking

KEY = list(DECISIONS.key)


def reconcile(desk: Desk) -> pl.DataFrame:
    """Read every price of the shop and write down what is new. Returns the drift: keys, `known` and `price` (minor units).

    Raises ShopError where the shop cannot be read, ShopBusy where it wants no call yet.
    """
    with asking(desk) as shop:
        return noted(desk, shop.prices())


def noted(desk: Desk, prices: Mapping[Key, Reading]) -> pl.DataFrame:
    """Write down what is new of prices that were read just now. Returns the drift, as `reconcile`."""
    now, seen = desk.now(), readings.table(prices)
    known = readings.latest(desk.read("applied"))
    news = readings.news(desk.read("applied"), desk.target, seen, now, _under_way(desk))
    if news.height:
        desk.book.append(Act(now, desk.worker, "read_shop", f"{desk.target}: {news.height} prices"), {"applied": news})
    drift = news.filter(pl.col("cause") == "drift")
    return drift.join(known, on=KEY, how="left", maintain_order="left").select(*KEY, "known", "price")


def _under_way(desk: Desk) -> pl.DataFrame:
    """Prices that were sent and not yet seen: finding them in the shop is our own doing."""
    waiting = desk.book.waiting(desk.target).select("intent")
    return desk.read("intents").join(waiting, on="intent").select(*KEY, "intent", "kind", sent="price")
