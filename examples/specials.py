"""What it costs where nothing marks promotions, and what finding them brings back: made shops of known truth, priced three ways.

`marked` has its promotions marked; `ignored` and `found` are the same shops with every mark taken off and the setting
`unmarked_specials` of that value. A shop whose prices move under review alone, without a promotion, shows what finding costs where
there is nothing to find. Shares of the possible profit start from the list prices; the rules too, so the two without marks have products
whose current price is a special that had not ended. Run: python -m examples.specials [SEED ...]
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl

from pricesmith.flows import exam
from pricesmith.simulation import nature
from pricesmith.simulation.shop import SimulatedShop
from pricesmith.simulation.world import World, draw_world

KINDS = ("plain", "visible", "sparse", "hidden")
MARKS = ("promo", "list_price", "promo_kind")
FIGURES = ("captured", "coverage90", "rmse", "bias", "units")
PRODUCTS, DAYS = 300, 540


def unmarked(shop: SimulatedShop) -> SimulatedShop:
    tables = {name: table for name, table in shop.tables.items() if name != "promotions"}
    return replace(shop, tables=tables | {"sales": tables["sales"].drop(MARKS, strict=False)})


def pricer(setting: str) -> exam.Pricer:
    """Prices a folder with this setting of `unmarked_specials`."""

    def price(folder: Path, as_of: dt.date) -> exam.Listed:
        with (folder / "shop.toml").open("a", encoding="utf-8") as policy:
            policy.write(f'\n[data]\nunmarked_specials = "{setting}"\n')
        return exam.price_folder(folder, as_of)

    return price


def examined(kind: str, seed: int) -> dict[str, dict[str, object]]:
    shop = exam.make_shop(kind, seed, PRODUCTS, DAYS)
    bare = unmarked(shop)
    return {
        "marked": exam.examine(shop, exam.price_folder),
        "ignored": exam.examine(bare, pricer("ignored")),
        "found": exam.examine(bare, pricer("found")),
    }


def under_review(kind: str, seed: int) -> dict[str, dict[str, object]]:
    """The same without a promotion, where list prices are reviewed three times as often."""

    def without(name: str, rng: np.random.Generator) -> World:
        world = draw_world(name, rng)
        return replace(world, promotions_a_year=0.0, review_weeks=0.3 * world.review_weeks)

    with patch.object(nature, "draw_world", without):
        bare = unmarked(exam.make_shop(kind, seed, PRODUCTS, DAYS))
    return {setting: exam.examine(bare, pricer(setting)) for setting in ("ignored", "found")}


def told(kind: str, entries: list[dict[str, dict[str, object]]]) -> None:
    """A line for each way: means over the shops."""
    for way in entries[0]:
        known = pl.DataFrame([{name: entry[way][name] for name in FIGURES} for entry in entries])
        figures = "  ".join(f"{name} {known[name].mean():.3f}" for name in FIGURES)
        print(f"{kind:22} {way:8} {figures}  worst coverage {known['coverage90'].min():.2f}", flush=True)


def main(seeds: list[int]) -> None:
    for kind in KINDS:
        told(kind, [examined(kind, seed) for seed in seeds])
    for kind in ("plain", "hidden"):
        told(f"{kind}, reviews alone", [under_review(kind, seed) for seed in seeds])


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(range(101, 107)))
