"""Rules that follow competitors, and products on which they do nothing as no offer counts."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.rule import Rule
from pricesmith.contracts.snapshot import until
from pricesmith.preparation.competitors import references
from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found
from .settings import PLACE, items_of

KIND = "competitor_band"
UNFOLLOWED = (
    "{count} offers for {products} products move no price, as no rule of the kind competitor_band follows them; where they are other than "
    "they usually were, they shift the units that are expected, alike at every price; add such a rule where prices are to follow them"
)
"""What offers without such a rule do: see the effect `rival` of the demand model."""


def check_bands(facts: Facts) -> list[Warning_]:
    """Offers that no such rule follows; products of each such rule without an offer that counts on the day after the last sale."""
    rules = [(number, rule) for number, rule in enumerate(facts.policy.rules) if rule.kind == KIND]
    offers = facts.tables["competitor_prices"]
    if not rules or not offers.height:
        return found("unfollowed_offers", "competitor_prices", "info", offers, UNFOLLOWED)
    day = until(facts.last, facts.policy.period) + dt.timedelta(days=1)
    own = facts.rows.filter(~pl.col("suspect")).group_by("sku").agg(pl.col("price").median().alias("own"))
    known = references(offers, own, facts.policy, day).filter(pl.col("date") <= day)
    counted = known.group_by("sku", maintain_order=True).last().filter(pl.col("competitor_price").is_not_null())
    items = items_of(facts)
    return [one for number, rule in rules for one in _unbound(facts, number, rule, items, counted, day)]


def _unbound(facts: Facts, number: int, rule: Rule, items: pl.DataFrame, counted: pl.DataFrame, day: dt.date) -> list[Warning_]:
    about = items.filter(rule.selects(items)).unique("sku")
    lacking = about.join(counted, on="sku", how="anti")
    place, limit = f"$.rule[{number}]", facts.policy.data.competitor_max_age_days
    if lacking.height < about.height:
        some = (
            f"{place} ({rule.kind}) does not bind {{products}} of the {about.height} products that it is about: they have no offer that "
            f"counts on {day}; offers older than {limit} days do not (data.competitor_max_age_days)"
        )
        return found("partly_unbound_band", PLACE, "info", lacking, some)
    none = (
        f"{place} ({rule.kind}) binds no price: of the {{products}} products that it is about none has an offer that counts on {day}; "
        f"offers older than {limit} days do not (data.competitor_max_age_days): feed competitor_prices again, or set more days"
    )
    return found("unbound_band", PLACE, "warning", lacking, none)
