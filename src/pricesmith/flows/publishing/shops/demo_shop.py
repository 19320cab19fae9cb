"""The demo's own shop: a file with the prices of today, code and settings attested by two made people, so that a reader can publish."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import format_minor
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.flows import wiring
from pricesmith.flows.batch import Priced
from pricesmith.flows.publishing.answers.attest import attest_together
from pricesmith.flows.publishing.office import desk, office, record_run
from pricesmith.flows.publishing.sending.reconcile import reconcile

from .connect import connect

SHOP, FEED = "web", "feed.csv"
PEOPLE = ("Ada (demo)", "Ben (demo)")
"""Who stands in the ledger for the attestation: made people, and called so."""


def alone() -> None:
    """Raises UsageError where the demo would write into a ledger that is not its own."""
    if wiring.ledger_named():
        hint = f"unset it and call again: `env -u {wiring.LEDGER_VARIABLE} pricesmith demo`"
        raise UsageError(f"{wiring.LEDGER_VARIABLE} names another ledger, and the demo writes only into its own", hint=hint)


def open_shop(folder: Path, priced: Priced, offers: pl.DataFrame) -> str:
    """Connect the file shop `web`, record the run, and attest code and settings; returns the run.

    A feed that is there already stays as it is: its prices may have been published.
    offers  table COMPETITOR_PRICES
    """
    channel, region = write_feed(folder / FEED, priced)
    if SHOP in office(folder).policy.shops:
        reconcile(desk(office(folder), SHOP))
    else:
        connect(folder, SHOP, ShopPolicy(platform="csv_feed", url=FEED, channel=channel, region=region))
    run = record_run(folder, priced, offers, "pricesmith").run
    place = office(folder)
    attest_together(place.book, place.code, asked_by=PEOPLE[0], by=PEOPLE[1], at=place.now())
    return run


def write_feed(path: Path, priced: Priced) -> tuple[str, str]:
    """Write the current prices of the first price list, where there is no file yet; the channel and region of that list."""
    rows = priced.decided.decisions.filter(pl.col("current_price").is_not_null())
    channel, region = rows.select("channel", "region").sort("channel", "region").row(0)
    own = rows.filter((pl.col("channel") == channel) & (pl.col("region") == region))
    if not path.exists():
        prices = [format_minor(minor, priced.snapshot.currency) for minor in own["current_price"]]
        wiring.write_csv(path, own.select("sku", price=pl.Series(prices, dtype=pl.String)))
    return channel, region
