"""The same quotes from a plain FastAPI application with pydantic models: the peer of benchmarks/quotes.py. QUOTES names the shop folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from fastapi import FastAPI, HTTPException, Query
from fastapi import Path as Part
from pydantic import BaseModel, Field

from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.quotes_kept import load

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Item(BaseModel):
    sku: Name
    channel: Name = "default"
    region: Name = "default"


class Batch(BaseModel):
    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]


class Decision(BaseModel):
    run: str
    key: str


class Quote(BaseModel):
    sku: str
    channel: str
    region: str
    price: int
    currency: str
    source: Literal["applied", "current"]
    cause: str | None
    shop: str | None
    decision: Decision | None
    as_of: str
    valid_until: str | None
    stale: bool


class Quotes(BaseModel):
    items: list[Quote]


def _rows() -> tuple[dict[tuple[str, str, str], int], pl.DataFrame, str]:
    kept = load(wiring.store(), Path(os.environ["QUOTES"]))
    assert kept is not None
    rows = kept.prices.rows
    keys = zip(rows["sku"].to_list(), rows["channel"].to_list(), rows["region"].to_list(), strict=True)
    return {key: place for place, key in enumerate(keys)}, rows, kept.prices.latest


INDEX, _FRAME, RUN = _rows()
PRICE = _FRAME["price"].to_list()
app = FastAPI()


def quote(sku: str, channel: str, region: str) -> Quote:
    place = INDEX.get((sku, channel, region))
    if place is None:
        raise HTTPException(404, "unknown product")
    return Quote(
        sku=sku,
        channel=channel,
        region=region,
        price=PRICE[place],
        currency="EUR",
        source="applied",
        cause="publish",
        shop="main",
        decision=Decision(run=RUN, key=f"{sku}/{channel}/{region}"),
        as_of="2026-11-02T09:00:00Z",
        valid_until=None,
        stale=True,
    )


Asked = Annotated[Name, Query()]


@app.get("/api/v1/quotes/{sku}")
async def single(sku: Annotated[Name, Part()], channel: Asked = "default", region: Asked = "default") -> Quote:
    return quote(sku, channel, region)


@app.post("/api/v1/quotes")
async def batch(asked: Batch) -> Quotes:
    return Quotes(items=[quote(one.sku, one.channel, one.region) for one in asked.items])
