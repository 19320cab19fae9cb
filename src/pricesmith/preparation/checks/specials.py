"""Prices that fell and came back where nothing marks a promotion: told, as they count as specials."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

_TEXT = (
    "nothing marks promotions, and {products} products were sold for two weeks at most at a price at least a twentieth lower, which then "
    "came back ({count} rows): these count as specials, for what a special sells is no answer to a price that stays; {doubtful} rows at "
    "such a price that ended at another one than before are left out of learning; mark promotions in a column `promo`, or write "
    'unmarked_specials = "ignored" under [data] in shop.toml'
)


def check_specials(facts: Facts) -> list[Warning_]:
    """Rows that count as specials though nothing says so."""
    table, doubtful = "orders" if facts.derived else "sales", int(facts.rows["doubtful"].sum())
    return found("specials_found", table, "info", facts.rows.filter(pl.col("special")), _TEXT, doubtful=doubtful)
