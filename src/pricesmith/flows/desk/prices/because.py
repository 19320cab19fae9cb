"""What sets one proposed price apart from the others, in a line: what its profit is made of, how demand reacts, where competitors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.economics import kept_share, margin_share
from pricesmith.contracts.offers import Reference, column_of
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.product.why import FORCED, Driver, Outside, drivers, outside, stored, toward
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.rules.competitor_band import compared, followed
from pricesmith.rules.margin_floor import covers

COST = ("landed_cost", "tax_rate", "fee_rate", "payment_rate")
"""Columns of what a price must bring back, and of what is not kept of it."""
IMPROVES = ("profit_up", "objective_up", "revenue_up", "units_up")
"""Reasons that say no more than that the price is better."""
FACTS = ("action", "reason", "current_price", "profit_change", "elasticity", *COST, "price", "binding_rules")
"""Columns of the price table that are looked at."""
SMALL = 0.0005
"""Major units a day below which a driver is not told: it would show as nothing."""
KEPT = 24
"""Pages of products whose explanations are kept."""
WEAK, STRONG = 1.0, 2.0
"""Elasticity, whichever sign, below which demand reacts weakly and from which it does so strongly."""


class Because(msgspec.Struct, frozen=True):
    """parts: what its change of profit is made of, major units a day, the largest first; they add up to it.

    reacts      `weakly`, `fairly`, `strongly`, "" where not known
    rival       how far the new price lies above competitors', as a share: above what a rule of the product follows of them, or their
                median where such rules follow several; null where no rule follows them or no offer counts
    toward      where a still better price lies that rules stopped: `up`, `down`, or "" where that is not known or none is
    outside     of a price that moves because today's breaks a limit: that limit, minor units
    margin      of a price that rises though demand reacts strongly, because its margin today is below one over its elasticity, where it
                is worth most by itself (Lerner 1934): that margin, a share of what is kept of the price; else null
    below_cost  what is kept of today's price, without tax and fees, does not bring its landed cost back; false where that is not known
    """

    parts: list[Driver]
    reacts: str
    elasticity: float | None
    rival: float | None
    below_cost: bool
    toward: str = ""
    outside: Outside | None = None
    margin: float | None = None


def because(reading: Reading, run: str, rows: pl.DataFrame) -> dict[Key, Because]:
    """Of those of a few rows (KEY and FACTS) that gain by themselves for no other reason, or whose price today breaks a limit."""
    better = pl.col("reason").is_in(IMPROVES) & (pl.col("profit_change") >= 0)
    meant = rows.filter((pl.col("action") == "change") & (better | pl.col("reason").is_in(list(FORCED))))
    if meant.is_empty():
        return {}
    asked = followed(reading.run(run).policy.rules, meant)
    against = [_against(row, names) for row, names in zip(meant.iter_rows(named=True), asked, strict=True)]
    facts = meant.select(*KEY, *FACTS).with_columns(against=pl.Series(against, dtype=pl.Float64))
    table = facts.join(_explained(reading, run, meant["sku"].unique().sort().to_list()), on=KEY, how="inner", maintain_order="left")
    return {Key(*(row[name] for name in KEY)): _because(row) for row in table.iter_rows(named=True)}


def _against(row: Mapping[str, Any], names: Sequence[Reference]) -> float | None:
    """The competitors' price that the rules of a product follow, minor units; None where they follow none or it is not known."""
    return row.get(column_of(compared(row, names))) if names else None


def _explained(reading: Reading, run: str, skus: list[str]) -> pl.DataFrame:
    """KEY and `explanation` of some products; those of the pages that are looked at are kept, as a run never changes."""

    def read(_name: str) -> pl.DataFrame:
        return reading.book.read("decided", {"run": [run], "sku": skus}, columns=[*KEY, "explanation"]).drop("seq")

    found: pl.DataFrame = reading.shelf("explained", KEPT).get(" ".join([run, *skus]), read)
    return found


def _because(row: Mapping[str, Any]) -> Because:
    told = stored(row["explanation"])
    known = [one for one in drivers(told) if abs(one.effect) >= SMALL]
    parts = sorted(known, key=lambda one: -abs(one.effect))
    size, rival = row["elasticity"], row["against"]
    reacts = "" if size is None else "weakly" if abs(size) < WEAK else "strongly" if abs(size) >= STRONG else "fairly"
    above = row["price"] / rival - 1.0 if rival else None
    further = toward(told.rules, row["binding_rules"], row["price"] / told.minor)
    below, limit = _below_cost(row), outside(told.rules, row["reason"], told.minor)
    return Because(parts, reacts, size, above, below, further, limit, _thin(row) if reacts == "strongly" and not below else None)


def _below_cost(row: Mapping[str, Any]) -> bool:
    """As the margin floor reckons."""
    price, landed, *rates = _costs(row)
    known = np.isfinite([price, landed, *rates]).all()
    return bool(known and not covers(price, kept_share(*rates), landed).all())


def _thin(row: Mapping[str, Any]) -> float | None:
    """See `Because.margin`, of demand that reacts strongly."""
    price, landed, *rates = _costs(row)
    margin = float(margin_share(price * kept_share(*rates), landed)[0])
    return margin if row["price"] > row["current_price"] and margin < 1.0 / abs(row["elasticity"]) else None


def _costs(row: Mapping[str, Any]) -> list[Floats]:
    """(1,) each: today's price, landed cost, and the rates of what is not kept; NaN where not known."""
    return [np.array([row[name]], dtype=np.float64) for name in ("current_price", *COST)]
