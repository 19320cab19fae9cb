"""A shop folder with its ledger, and the desks of its targets: what every command on recorded runs starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.contracts.ledger import Books
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.flows import wiring
from pricesmith.flows.publishing.answers.attest import digest_of
from pricesmith.flows.publishing.sending import patience
from pricesmith.flows.settings import read_settings

from .desk import Desk

if TYPE_CHECKING:
    from pricesmith.flows.batch import Priced
    from pricesmith.flows.publishing.history.record import Recorded


@dataclass(frozen=True, slots=True)
class Office:
    """A shop folder, its policy, its ledger, and the clock."""

    folder: Path
    policy: Policy
    book: Books
    now: Callable[[], dt.datetime]
    code: str


def office(folder: Path) -> Office:
    """Open the ledger of a shop folder; it is made where there is none. Raises LedgerError where it cannot be used."""
    policy = read_settings(folder)
    return Office(folder, policy, wiring.ledger_of(folder, policy), wiring.clock, digest_of(wiring.code_digest(), policy))


def record_run(folder: Path, priced: Priced, offers: pl.DataFrame, by: str) -> Recorded:
    """Write a finished run into the ledger of its shop folder.

    offers  table COMPETITOR_PRICES
    """
    from pricesmith.flows.publishing.history.facts import Facts
    from pricesmith.flows.publishing.history.record import Made, record

    place = office(folder)
    text = (folder / "shop.toml").read_text(encoding="utf-8")
    named = priced.policy.model.name
    facts = msgspec.convert({**wiring.known_at(folder), "model": named if named != place.policy.model.name else ""}, Facts)
    made = Made(priced.snapshot, priced.policy, text, priced.model, priced.decided)
    return record(place.book, made, at=place.now(), by=by, code=place.code, facts=facts, influence=influences(priced, offers))


def influences(priced: Priced, offers: pl.DataFrame) -> dict[str, float]:
    """By product: how far its competitor reference moves when any one seller's latest offer is left out; the most of what rules follow."""
    from pricesmith.guards.offers import reference
    from pricesmith.rules.competitor_band import CompetitorBand

    day, data = priced.snapshot.as_of, priced.policy.data
    start, end = (dt.datetime.combine(day - dt.timedelta(days=back), dt.time(), dt.UTC) for back in (data.competitor_max_age_days, 0))
    fresh = offers.filter((pl.col("observed_at") >= start) & (pl.col("observed_at") < end)).sort("observed_at", maintain_order=True)
    fresh = fresh.filter(pl.col("competitor").is_in(data.competitors)) if data.competitors else fresh
    latest = fresh.group_by("sku", "competitor", maintain_order=True).last()
    scale = 10.0 ** exponent(priced.snapshot.currency)
    own = priced.snapshot.items.group_by("sku").agg(own=pl.col("current_price").median() / scale)
    asked = latest.join(own, on="sku").select("sku", pl.col("competitor").alias("seller"), "price", "own")
    used = {rule.reference for rule in priced.policy.rules if isinstance(rule, CompetitorBand)} or {"median"}
    told = pl.concat([reference(asked, one).select("sku", "influence") for one in sorted(used)])
    most = told.group_by("sku", maintain_order=True).agg(pl.col("influence").max())
    return {sku: value for sku, value in most.iter_rows() if value is not None}


def settings_of(policy: Policy, name: str) -> ShopPolicy:
    """The section [shop.NAME], with currency and tax filled in. Raises UnknownChoice with the names that there are."""
    if not policy.shops:
        hint = f"`pricesmith connect DIR {name} --platform PLATFORM` writes one"
        raise PolicyError("shop.toml names no shop to publish to", where=f"$.shop.{name}", hint=hint)
    if name not in policy.shops:
        raise UnknownChoice("shop", name, policy.shops, where="shop.toml $.shop")
    found = policy.shops[name]
    whole: ShopPolicy = msgspec.structs.replace(found, currency=found.currency or policy.currency, tax=found.tax or policy.tax)
    return whole


def desk(place: Office, name: str) -> Desk:
    """The desk from which prices go to a shop. Raises ShopError where its secret is missing."""
    settings = settings_of(place.policy, name)
    rng = np.random.default_rng(wiring.entropy())
    worker = wiring.worker_name()

    def waits(seconds: float) -> None:
        patience.keep(place.book, name, seconds, by=worker, at=place.now())

    shop = wiring.shop_of(place.folder, name, settings, rng, waits)
    return Desk(name, shop, place.book, place.policy, settings, place.now, rng, place.code, worker)
