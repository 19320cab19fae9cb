"""Why each price of a run is what it is, as the ledger keeps it: drivers that add up, and the limits of every rule."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import polars as pl

from pricesmith import engine
from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.economics import shares, unit_profit
from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import DECISIONS
from pricesmith.optimization import closed_blocks
from pricesmith.optimization.expectations import others_mean
from pricesmith.optimization.problem import values
from pricesmith.rules.apply import fits_alone

FOLLOWING = "competitor_band"
"""Kind of the rules by which a price follows those of competitors."""


def explanations(decided: engine.Decided, currency: str, influence: Mapping[str, float] | None = None) -> pl.DataFrame:
    """Keys of the items and `explanation`, a JSON object: `drivers`, `rules`, `landed_cost`, `anchor`, `influence`, `minor`.

    influence  by product: how far the competitor reference moves when any one seller is left out; see guards/offers.py
    """
    shop, known = decided.shop, influence or {}
    parts = [_explained(decided, rows, currency, known) for rows in closed_blocks(shop.shelf.length, shop.demand.family, None)]
    texts = pl.concat(parts).sort("item")["explanation"]
    return decided.items.select(*DECISIONS.key).with_columns(explanation=texts)


def _explained(decided: engine.Decided, rows: Ints, currency: str, influence: Mapping[str, float]) -> pl.DataFrame:
    """`item` and `explanation` of some items that are closed under families; money in major units."""
    block, major = decided.opened(rows), 10.0 ** exponent(currency)
    parts = {name: (values / major).tolist() for name, values in drivers(decided, block).items()}
    limits = [{name: [_null(low / major), _null(high / major)] for name, (low, high) in of.items()} for of in block.limits()]
    landed, anchor = block.items["landed_cost"].to_list(), (anchors(decided, block) / major).tolist()
    skus, encode = block.items["sku"].to_list(), msgspec.json.Encoder(order="deterministic").encode
    texts = [
        encode(
            {
                "drivers": {name: values[row] for name, values in parts.items()},
                "rules": limits[row],
                "landed_cost": None if landed[row] is None else _null(landed[row] / major),
                "anchor": _null(anchor[row]),
                "influence": influence.get(skus[row]),
                "minor": major,
            }
        ).decode()
        for row in range(rows.size)
    ]
    return pl.DataFrame({"item": rows, "explanation": pl.Series(texts, dtype=pl.String)})


def drivers(decided: engine.Decided, block: engine.Block) -> dict[str, Floats]:
    """What the change of profit is made of, minor units a day, (m,) each; they add up to `change`, 0 where the price stays.

    margin  today's units at the new margin;  volume  units won or lost, at the new margin;  family  the effect on related products
    """
    ladder, curves, column, expected = block.ladder, block.curves, decided.column[block.rows], decided.expected
    rows, picked, now = np.arange(column.size), np.maximum(column, 0), np.maximum(ladder.current, 0)
    known = (column >= 0) & (ladder.current >= 0)
    change, units = expected.change[block.rows], expected.units[block.rows]
    moved = known & (column != ladder.current) & np.isfinite(change)
    share = shares(block.items)
    before, after = (unit_profit(ladder.prices[rows, at], share["kept"], share["landed"], share["returned"]) for at in (now, picked))
    ratio = np.where(known, np.log(ladder.prices[rows, picked] / np.maximum(ladder.prices[rows, now], 1)), 0.0)
    base = curves.base * np.exp(curves.cross * others_mean(ratio, curves.family, known))
    with np.errstate(invalid="ignore"):
        margin = np.where(moved, base * (after - before), 0.0)
        volume = np.where(moved, after * (units - base), 0.0)
        family = np.where(moved, change - margin - volume, 0.0)
    return {"margin": margin, "volume": volume, "family": family}


def anchors(decided: engine.Decided, block: engine.Block) -> Floats:
    """(m,) price, minor units, that cost and demand alone would give: the best one that all rules but those on competitors let through.

    NaN where no such price is worth anything known.
    """
    ladder = block.ladder
    value = np.where(_lawful(decided, block), values(block.problem), -np.inf)
    best = np.argmax(np.where(np.isnan(value), -np.inf, value), axis=1)
    rows = np.arange(best.size)
    return np.where(np.isfinite(value[rows, best]), ladder.prices[rows, best].astype(np.float64), np.nan)


def _lawful(decided: engine.Decided, block: engine.Block) -> Flags:
    """(m, K) True where all rules but those on competitors let a candidate through; soft rules that gave way do not count."""
    bounds, gone = block.bounds, block.allowed.dropped
    others = [number for number, name in enumerate(bounds.names) if not name.startswith(FOLLOWING)]
    rules = [decided.shop.policy.rules[number] for number in others]
    fits = fits_alone(rules, block.items, block.ladder.prices, bounds.low[others], bounds.high[others], block.context)
    return block.ladder.valid & (fits | gone[others][:, :, None]).all(axis=0)


def _null(value: float) -> float | None:
    return value if np.isfinite(value) else None
