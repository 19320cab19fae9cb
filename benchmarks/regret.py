"""Who was right, by the regret ledger and by the truth: made shops in which half of the proposals are accepted and half rejected."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.outcome import AFTER, DAYS, KEY, KINDS, PRODUCTS, _append, _drift
from benchmarks.support.measure import Timing, goal, report
from pricesmith import engine
from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.flows import batch, exam
from pricesmith.flows.publishing.measured.regrets import valued
from pricesmith.simulation.afterwards import Afterwards, afterwards
from pricesmith.simulation.shop import SimulatedShop

CASE = "regret"


def main(shops: int = 8) -> None:
    """shops: made shops of each kind."""
    every = []
    for kind in KINDS:
        start = time.process_time()
        found = pl.concat([answered(kind, seed) for seed in range(shops)])
        seconds = time.process_time() - start
        report(CASE, f"pricesmith regret, {kind}", PRODUCTS, Timing(seconds, seconds, 1), shops=shops, **figures(found))
        every.append(found)
    whole = pl.concat(every)
    for answer in ("accepted", "rejected"):
        told = figures(whole.filter(pl.col("answer") == answer))
        report(CASE, f"pricesmith regret, {answer}", PRODUCTS, Timing(0.0, 0.0, 1), **told)
    told = figures(whole)
    goal(CASE, "90 % bounds of a proposal's value hold the truth in 85 to 95 %", f"{told['inside']:.3f}", 0.85 <= told["inside"] <= 0.95)
    goal(CASE, "who is said to be right is right in 90 % of the cases", f"{told['right']:.3f}", told["right"] >= 0.9)


def answered(kind: str, seed: int, products: int = PRODUCTS, days: int = DAYS) -> pl.DataFrame:
    """Rows of REGRETS of one made shop with `true`, what each proposal brings more than the other price in truth, major units a day."""
    shop = exam.make_shop(kind, seed + 2000, products, days)
    rng = np.random.default_rng([seed, 11])
    with tempfile.TemporaryDirectory() as name:
        folder = exam.write_folder(shop, Path(name))
        loaded = batch.load(folder)
        taken = batch.take(loaded, shop.as_of)
        decided = engine.decide(taken, engine.learn(taken, loaded.policy), loaded.policy)
        proposed = exam.answer(shop, decided.decisions).prices
        taken_up = rng.random(proposed.size) < 0.5
        charged = np.where(taken_up, proposed, shop.truth.current)
        since = afterwards(shop, charged, rng, AFTER, _drift(shop, rng))
        _append(folder, since)
        now = batch.take(batch.load(folder))
    asked = _asked(shop, decided, taken_up)
    return valued(asked, now, loaded.policy).join(_truth(shop, since, proposed, charged), on="sku", how="left", maintain_order="left")


def _asked(shop: SimulatedShop, decided: engine.Decided, taken_up: Flags) -> pl.DataFrame:
    """Changes that were answered; see `regrets.proposals`."""
    said = pl.DataFrame({"sku": list(shop.truth.sku), "accepted": taken_up})
    moved = decided.decisions.filter(pl.col("action") == "change").join(said, on="sku", how="left", maintain_order="left")
    return moved.select(
        *KEY,
        run=pl.lit("run"),
        answer=pl.when("accepted").then(pl.lit("accepted")).otherwise(pl.lit("rejected")),
        proposed="price",
        other="current_price",
        price=pl.when("accepted").then("price").otherwise("current_price"),
        since=pl.lit(shop.as_of),
        ended=pl.lit(None, pl.Date),
        promised="profit_change",
    )


def _truth(shop: SimulatedShop, since: Afterwards, proposed: Ints, charged: Ints) -> pl.DataFrame:
    """`sku`, `true`: profit a day at the proposed price less that at the old one, all other prices as charged, with this time's demand."""
    truth = shop.truth
    luck = since.wanted_before / truth.units(truth.current)
    new, old = (truth.margin(prices) * _alone(shop, prices, charged) for prices in (proposed, truth.current))
    return pl.DataFrame({"sku": list(truth.sku), "true": (new - old) * luck})


def _alone(shop: SimulatedShop, prices: Ints, charged: Ints) -> Floats:
    """(n,) units of each product at its price while all others stand at theirs."""
    found = np.empty(prices.size)
    for place in range(prices.size):
        tried = charged.copy()
        tried[place] = prices[place]
        found[place] = shop.truth.units(tried)[place]
    return found


def figures(found: pl.DataFrame) -> dict[str, float]:
    """Share of truths within the bounds; how often the one said to be better is; how often that is said; sums a day."""
    told = found.filter(pl.col("better") != "open")
    right = (told["better"] == "proposed") == (told["true"] > 0)
    inside = (found["value_lo"] <= found["true"]) & (found["true"] <= found["value_hi"])
    return {
        "proposals": found.height,
        "inside": round(float(inside.mean()), 3),  # type: ignore[arg-type]
        "said": round(told.height / max(found.height, 1), 3),
        "right": round(float(right.mean()), 3) if told.height else float("nan"),  # type: ignore[arg-type]
        "value": round(float(found["value"].sum()), 1),
        "true": round(float(found["true"].sum()), 1),
    }


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
