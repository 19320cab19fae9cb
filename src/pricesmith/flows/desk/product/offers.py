"""Each competitor's last offer of a product, as the shop's files have it now, beside our own prices, and whether the run counts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import exponent
from pricesmith.contracts.offers import likely, odd
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import COMPETITOR_PRICES
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading, Run
from pricesmith.preparation.times import local_date
from pricesmith.preparation.validate import validate

SHOWN = 20
PATIENCE = 0.1
"""Seconds that a page waits for files to be read; after that it asks again."""

LeftOut = Literal["", "later", "sold_out", "unnamed", "unsure", "expired", "unlike", "odd"]
"""Why a run leaves an offer out: seen on its day or after; cannot be bought there; the seller is none of competitors of [data]; match below
competitor_min_confidence; older than competitor_max_age_days; outside half to twice our own median price; far from the others; "" where it
counts. See `contracts.offers`."""


class Offer(msgspec.Struct, frozen=True):
    """A seller's last offer. price, shipping: minor units, shipping None where it is not known.

    now, new  how far our current and proposed price lie above it, as a share of it; with its shipping where the shop's settings count that
    """

    seller: str
    price: float
    shipping: float | None
    seen_at: dt.datetime
    left_out: LeftOut
    match: str | None
    confidence: float | None
    now: float | None
    new: float | None


class Offers(msgspec.Struct, frozen=True):
    """The cheapest sellers' offers, the cheapest first. more: further sellers; shipping: offers are compared with theirs.

    written  when the newest of their files was written, null where there is none
    until    to when guard G13 lets prices leave that follow them: it judges by that file's age, not by each offer's;  old: that is over
    error    why the files cannot be read, "" where they can
    working  the files are being read: ask again in a while
    """

    offers: list[Offer]
    more: int
    shipping: bool
    written: dt.datetime | None = None
    until: dt.datetime | None = None
    old: bool = False
    error: str = ""
    working: bool = False


def offers_of(
    reading: Reading, run: Run, sku: str, ours: tuple[int | None, int | None], at: dt.datetime, own: float | None = None
) -> Offers:
    """Judged as the run judges them, by its settings and its day.

    ours  current and proposed price, minor units;  own: median of the product's prices before the run, major units
    """
    policy = run.policy
    written, until = _trusted(reading, policy.guards.competitor_hours)
    none = Offers([], 0, policy.data.competitor_shipping, written, until, until is not None and at > until)
    try:
        table = _latest(reading, policy.timezone)
    except PricesmithError as error:
        return msgspec.structs.replace(none, error=error.what)
    if table is None:
        return msgspec.structs.replace(none, working=True)
    rows = judged(table.filter(pl.col("sku") == sku), policy, 10.0 ** exponent(run.currency), run.as_of, own)
    return msgspec.structs.replace(
        none, offers=[_offer(row, ours) for row in rows.head(SHOWN).to_dicts()], more=max(rows.height - SHOWN, 0)
    )


def last_seen(reading: Reading, timezone: str) -> dt.date | None:
    """The day on which the newest offer of the shop's files was observed; None where there is none, or as long as that is not known."""
    try:
        table = _latest(reading, timezone)
    except PricesmithError:
        return None
    if table is None or table.is_empty():
        return None
    seen: dt.date = table.select(local_date(pl.col("observed_at"), timezone).max()).item()
    return seen


def judged(rows: pl.DataFrame, policy: Policy, scale: float, as_of: dt.date, own: float | None = None) -> pl.DataFrame:
    """Last offers of one product, money in minor units, with `whole` (what is compared) and `left_out`; the cheapest first.

    rows   as of table COMPETITOR_PRICES, one a seller
    scale  minor units of one major unit
    as_of  day of a run;  own: see `offers_of`, None where it is not known
    """
    data = policy.data
    shipping = pl.col("shipping").fill_null(0.0) if data.competitor_shipping else 0.0
    seen = local_date(pl.col("observed_at"), policy.timezone)
    reasons: dict[LeftOut, pl.Expr] = {
        "later": seen >= as_of,
        "sold_out": pl.col("in_stock") == 0,
        "unnamed": pl.lit(bool(data.competitors)) & ~pl.col("competitor").is_in(data.competitors),
        "unsure": pl.col("confidence") < data.competitor_min_confidence,
        "expired": pl.lit(as_of) - seen > pl.duration(days=data.competitor_max_age_days),
        "unlike": ~likely(pl.col("whole") / scale, pl.lit(own, pl.Float64)),
    }
    left_out = pl.coalesce(*(pl.when(test).then(pl.lit(name)) for name, test in reasons.items()), pl.lit(""))
    money = [(pl.col(name) * scale).round(6) for name in ("price", "shipping")]
    found = rows.with_columns(*money, whole=((pl.col("price") + shipping) * scale).round(6)).with_columns(left_out=left_out)
    counting = pl.when(pl.col("left_out") == "").then("whole").log()
    far = odd(counting, ["sku"]).fill_null(False)
    return found.with_columns(left_out=pl.when(far).then(pl.lit("odd")).otherwise("left_out")).sort("whole", "competitor")


def _offer(row: Mapping[str, Any], ours: tuple[int | None, int | None]) -> Offer:
    now, new = (None if price is None or row["whole"] <= 0 else price / row["whole"] - 1.0 for price in ours)
    given = {name: row[name] for name in ("price", "shipping", "left_out", "match", "confidence")}
    return Offer(seller=row["competitor"], seen_at=row["observed_at"], now=now, new=new, **given)


def _trusted(reading: Reading, hours: float) -> tuple[dt.datetime | None, dt.datetime | None]:
    """As `Offers.written` and `Offers.until`."""
    written = wiring.newest(wiring.files_of(reading.folder), COMPETITOR_PRICES.name)
    return written, None if written is None else written + dt.timedelta(hours=hours)


def _latest(reading: Reading, timezone: str) -> pl.DataFrame | None:
    """Every seller's last offer of every product; None while the files are being read."""
    files = wiring.of_table(wiring.files_of(reading.folder), COMPETITOR_PRICES.name)
    return reading.offers.ask(repr((sorted(files.items()), timezone)), lambda: _read(reading, timezone), PATIENCE)


def _read(reading: Reading, timezone: str) -> pl.DataFrame:
    raw = wiring.source_of(reading.folder).read(COMPETITOR_PRICES)
    if raw is None:
        return COMPETITOR_PRICES.empty()
    rows = validate(COMPETITOR_PRICES, raw, timezone).accepted
    return rows.sort("observed_at", maintain_order=True).unique(["sku", "competitor"], keep="last", maintain_order=True)
