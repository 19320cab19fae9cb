"""Prices of a connected shop as today's: they are written into the product table with the day, and the next run starts from them."""

from __future__ import annotations

import csv
import datetime as dt
import os
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.tables import PRODUCTS
from pricesmith.flows.desk.imports import uploads
from pricesmith.flows.desk.imports.product_prices import Taken, columns, with_prices
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import desk
from pricesmith.flows.publishing.sending.patience import asking
from pricesmith.flows.publishing.sending.reconcile import noted
from pricesmith.flows.publishing.shops.pull import amounts
from pricesmith.preparation.times import local_date

from .feeds import file_here

FILE = f"{PRODUCTS.name}.csv"


def take(reading: Reading, name: str, *, at: dt.datetime) -> Taken:
    """Read a shop and write what it asks into the product table; what stood there before is kept in `.desk/replaced`.

    A shop that can be asked asks its prices today. A file of the folder says what was written into it: its prices count from the day on
    which each was first seen there, so that what was sold since may speak against it.

    Raises UnknownChoice for a shop that there is not, ShopError where it cannot be read, UsageError where the folder has other places with
    prices of their own, where the shop's prices are in other money, or the product table is no single CSV file: nothing is written then.
    """
    place = desk(replace(reading.place, policy=reading.policy), name)
    _allowed(reading, place.settings)
    path = _file(reading.folder)
    with asking(place) as shop:
        seen = shop.prices()
    noted(place, seen)
    before = path.read_text(encoding="utf-8-sig")
    today = at.astimezone(ZoneInfo(reading.policy.timezone)).date()
    known = (
        first_seen(place.read("applied").filter(pl.col("target") == name), reading.policy.timezone)
        if file_here(reading, place.settings)
        else {}
    )
    asked = {sku: (price, known.get(sku, today).isoformat()) for sku, price in amounts(seen).items()}
    text, taken = with_prices(before, asked)
    if text != before:
        written = path.stat().st_mtime_ns
        uploads.put(reading.folder, PRODUCTS.name, text, at)
        os.utime(path, ns=(written + uploads.TICK, written + uploads.TICK))
    return taken


def first_seen(applied: pl.DataFrame, timezone: str) -> dict[str, dt.date]:
    """Product key -> the day from which the last price that was seen in a shop has stood there. applied: rows of that table of the shop"""
    rows = applied.sort("seq").with_columns(last=pl.col("price").last().over("sku"))
    other = rows.filter(pl.col("price") != pl.col("last")).group_by("sku").agg(until=pl.col("seq").max())
    since = rows.join(other, on="sku", how="left").filter(pl.col("seq") > pl.col("until").fill_null(-1))
    days = since.group_by("sku").agg(local_date(pl.col("at").min(), timezone).alias("day"))
    return dict(days.select("sku", "day").iter_rows())


def refusal(reading: Reading, settings: ShopPolicy) -> UsageError | None:
    """Why `take` would refuse a shop of these settings before it is read; None where it would not. Cheap: the header alone is read."""
    policy = reading.policy
    whole = msgspec.structs.replace(settings, currency=settings.currency or policy.currency, tax=settings.tax or policy.tax)
    try:
        _allowed(reading, whole)
    except UsageError as error:
        return error
    return None


def _allowed(reading: Reading, settings: ShopPolicy) -> None:
    """Raises UsageError as `take` does. settings: with currency and tax"""
    if (settings.currency, settings.tax) != (reading.policy.currency, reading.policy.tax):
        raise UsageError("this shop has its prices in another currency, or with another tax, than the folder", hint="start from the sales")
    _one_place(reading, settings.channel, settings.region)
    with _file(reading.folder).open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        columns(next(csv.reader(lines), []))


def _one_place(reading: Reading, channel: str, region: str) -> None:
    """A product has one price in its table: where products are sold in several places, it would be that of all of them."""
    run = reading.latest()
    places = set() if run is None else set(reading.run(run).decided.select("channel", "region").unique().iter_rows())
    if places - {(channel, region)}:
        what = "products of this folder are sold in other channels or regions too, with prices of their own"
        hint = "go on starting from the sales: what each place asks is their list_price, where they give it, else their price"
        raise UsageError(what, hint=hint)


def _file(folder: Path) -> Path:
    there = uploads.files_of(folder, PRODUCTS.name)
    if there != [folder / "data" / FILE]:
        raise UsageError("the product table is not the one file data/products.csv", hint="write the column price where it is made")
    return there[0]
