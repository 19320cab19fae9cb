"""What the last check of the files says that whoever reads prices must know: told where the prices of a run are read."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from pricesmith.flows.desk.data.page import Entry, Notice, state
from pricesmith.flows.desk.reading.ledger import Reading

OVERRULED = "price_outdated"
BRIEF = "price_brief"
SPECIALS = "specials_found"
CODES = (OVERRULED, BRIEF, SPECIALS, "silent_product", "unbound_band", "partly_unbound_band")
OF_TABLES = (OVERRULED, BRIEF, SPECIALS)
"""Those that rest on no rule."""


class Told(NamedTuple):
    """overruled: prices of the product table that do not count, as the last sales were made at others
    brief: current prices that were charged on the last days of sale alone, well below those of before
    silent: active products that were not sold for long and are priced all the same
    unbound: rules that follow competitors and bind no price, or not every price that they are about, as no offer counts
    """

    overruled: Notice | None = None
    brief: Notice | None = None
    silent: Notice | None = None
    unbound: list[Notice] = []


def told_by_data(reading: Reading) -> Told:
    """Of the last check, if it is one of the tables as they stand."""
    said: dict[str, list[Notice]] = {code: [] for code in CODES}
    for one in _said(reading):
        said[one.code] += [one.notice] if one.code != BRIEF or not _sent(reading).issuperset(one.products) else []
    overruled, brief, silent = (next(iter(said[code]), None) for code in (OVERRULED, BRIEF, "silent_product"))
    return Told(overruled, brief, silent, said["unbound_band"] + said["partly_unbound_band"])


def brief_price(reading: Reading, sku: str) -> bool:
    """Whether that check found a product sold at its current price on its last days of sale alone, and no run brought that price."""
    return any(sku in one.products for one in _said(reading) if one.code == BRIEF) and sku not in _sent(reading)


def overruled_price(reading: Reading, sku: str) -> bool:
    """Whether that check found the product table naming a price at which the last sales were not made, so that what was paid counts."""
    return any(sku in one.products for one in _said(reading) if one.code == OVERRULED)


def found_specials(reading: Reading, sku: str) -> bool:
    """Whether that check took prices of a product for specials, as nothing marks its promotions."""
    return any(sku in one.products for one in _said(reading) if one.code == SPECIALS)


def _said(reading: Reading) -> list[Entry]:
    """Where the settings alone changed since the check, what it says of the tables holds."""
    known = state(reading)
    if known.checked is None or known.tables_changed:
        return []
    told = OF_TABLES if known.changed else CODES
    return [one for one in known.checked.warnings if one.code in told]


def _sent(reading: Reading) -> set[str]:
    """Products of which a run brought a price into a shop: what they cost lately is no special."""
    origin = reading.rows("intents").select("intent", "run").filter(pl.col("run").is_not_null())
    return set(reading.rows("applied").join(origin, on="intent", how="semi")["sku"])
