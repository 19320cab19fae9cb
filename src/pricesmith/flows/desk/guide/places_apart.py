"""How far the current prices of one product lie apart over the channels and regions of a shop, before one price for all is asked for."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading

from .endings import current_prices


class PlacesApart(msgspec.Struct, frozen=True):
    """Current prices of the same products over channels and regions.

    places    channels and regions with a price;  products: those with a price in more than one of them
    median    over these products: the highest price over the lowest, less 1
    beyond    of them those for which no common price can be reached in one run, as the highest may fall and the lowest rise by `step` only
    step      largest move of a price in one run, a share
    """

    places: int
    products: int
    median: float
    beyond: int
    step: float


def places_apart(reading: Reading, step: float) -> PlacesApart | None:
    """None where no product has a price in more than one place, or prices are not known (see `endings.prices_of`)."""
    return apart(current_prices(reading), step)


def apart(prices: pl.DataFrame, step: float) -> PlacesApart | None:
    """prices: sku, channel, region, `price` above 0"""
    highest, lowest = pl.col("price").max(), pl.col("price").min()
    several = prices.group_by("sku").agg(pl.len(), (highest / lowest).alias("wide")).filter(pl.col("len") > 1)
    if several.is_empty():
        return None
    reach = (1.0 + step) / (1.0 - step) if step < 1.0 else float("inf")
    beyond = several.filter(pl.col("wide") > reach * (1.0 + 1e-9)).height
    places = prices.select(pl.struct("channel", "region").n_unique()).item()
    return PlacesApart(places, several.height, float(several["wide"].median()) - 1.0, beyond, step)  # type: ignore[arg-type]
