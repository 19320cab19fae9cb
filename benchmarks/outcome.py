"""What `outcome` says of made shops whose truth is known: coverage of its intervals, and the hold-out read by cluster and by product."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from benchmarks.support.measure import Timing, goal, report
from pricesmith import engine
from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.publishing import HoldoutPolicy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.experiments.holdout import cluster_of, clusters, draw
from pricesmith.experiments.readout import Readout, readout, summed
from pricesmith.flows import batch, exam
from pricesmith.flows.publishing.history.rederive import Rederived
from pricesmith.flows.publishing.measured.outcome import judge
from pricesmith.monitoring import drift
from pricesmith.monitoring.outcome import Z90, Outcome
from pricesmith.simulation.afterwards import Afterwards, afterwards
from pricesmith.simulation.noise import counts
from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.shop import SimulatedShop, simulate

CASE = "outcome"
KEY = list(DECISIONS.key)
KINDS = ("plain", "visible", "stockouts")
PRODUCTS, DAYS, AFTER = 120, 450, 28
SHOP_DRIFT, CATEGORY_DRIFT = 0.10, 0.05
HELD = 0.3


def main(shops: int = 16, draws: int = 2000) -> None:
    """shops: made shops of each kind and each hold-out; draws: hold-outs drawn in one shop of families."""
    for share in (0.0, 0.2):
        every = []
        for kind in KINDS:
            start = time.process_time()
            every.append(pl.DataFrame([reckoned(kind, seed, share) for seed in range(shops)]))
            _told(kind, share, every[-1], time.process_time() - start)
        _goals(pl.concat(every))
    read_by_chance(draws)


def reckoned(kind: str, seed: int, share: float) -> dict[str, float]:
    """One run in one made shop: priced, come into the shop, reckoned four weeks later, and set beside the truth."""
    shop = exam.make_shop(kind, seed + 1000, PRODUCTS, DAYS)
    rng = np.random.default_rng([seed, 7])
    with tempfile.TemporaryDirectory() as name:
        folder = exam.write_folder(shop, Path(name))
        loaded = batch.load(folder)
        held = HoldoutPolicy(share=share, by="family", salt=str(seed))
        policy = msgspec.structs.replace(loaded.policy, holdout=held)
        taken = batch.take(loaded, shop.as_of)
        decided = engine.decide(taken, engine.learn(taken, policy), policy)
        since = afterwards(shop, exam.answer(shop, decided.decisions).prices, rng, AFTER, _drift(shop, rng))
        _append(folder, since)
        now = batch.take(batch.load(folder))
    drawn = clusters(decided.items, held)
    recorded = decided.decisions.join(drawn, on=KEY, how="left")
    again = Rederived(taken, policy, decided, recorded, recorded.clear())
    begun = _begun(decided, shop.as_of)
    found = judge("run", again, now, begun, shop.as_of, now.as_of)
    with _told_how_far():
        known = judge("run", again, now, begun, shop.as_of, now.as_of)
    told = _beside(shop, decided, since, known.result)
    names = ("effect", "effect_products", "units_products", "z")
    return {**_beside(shop, decided, since, found.result), **{f"{name}_known": told[name] for name in names}}


@contextmanager
def _told_how_far() -> Iterator[None]:
    """Reckon as one who knows how far demand drifts in these shops, which nobody does."""
    guessed = drift.UNKNOWN, drift.BETWEEN
    drift.UNKNOWN, drift.BETWEEN = SHOP_DRIFT, CATEGORY_DRIFT
    try:
        yield
    finally:
        drift.UNKNOWN, drift.BETWEEN = guessed


def _begun(decided: engine.Decided, since: dt.date) -> pl.DataFrame:
    """Every change of the run came into the shop on the day of the run; see `came.begins`."""
    moved = decided.decisions.filter(pl.col("action") == "change").select(*KEY, "price")
    items = decided.items.select(*KEY, before="current_price")
    joined = items.join(moved, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("price").fill_null(pl.col("before")), changed=pl.col("price").is_not_null(), since=pl.lit(since), ended=pl.lit(None, pl.Date)
    )


def _drift(shop: SimulatedShop, rng: np.random.Generator) -> Floats:
    """(n,) log drift: the shop's, and around it the category's."""
    code = shop.tables["products"]["category"].rank("dense").cast(pl.Int64).to_numpy() - 1
    return rng.normal(0.0, SHOP_DRIFT) + rng.normal(0.0, CATEGORY_DRIFT, int(code.max()) + 1)[code]


def _append(folder: Path, since: Afterwards) -> None:
    """Add the days afterwards to the files of a shop folder."""
    for name, fresh in since.tables.items():
        path = folder / "data" / f"{name}.parquet"
        pl.concat([pl.read_parquet(path), fresh], how="diagonal").write_parquet(path)


def _beside(shop: SimulatedShop, decided: engine.Decided, since: Afterwards, result: Outcome) -> dict[str, float]:
    """The intervals beside the truth: what prices did given this time's shocks and drift, and what was sold."""
    truth, rows = shop.truth, result.products
    place = pl.DataFrame({"sku": list(truth.sku)}).with_row_index("place")
    at = rows.join(place, on="sku", how="left", maintain_order="left")["place"].to_numpy()
    new = exam.answer(shop, decided.decisions).prices
    gain = ((truth.margin(new) * since.wanted - truth.margin(truth.current) * since.wanted_before) * truth.unit)[at]
    low, high = rows["effect_lo"].to_numpy(), rows["effect_hi"].to_numpy()
    touched, effect = high > low, float(gain[high > low].sum())
    width = (result.effect.high - result.effect.low) / 2.0 / Z90
    sums = {f"{name}_sum": total.low <= result.realised[name] <= total.high for name, total in result.promised.items()}
    inside = {
        "effect": result.effect.low <= effect <= result.effect.high,
        "effect_products": ((low <= gain) & (gain <= high))[touched].mean(),
    }
    others = {"z": (result.effect.value - effect) / width, "kept": result.drift.kept, "deviation": width / abs(effect)}
    return {name: float(value) for name, value in {**inside, "units_products": result.coverage, **sums, **others}.items()}


def _told(kind: str, share: float, found: pl.DataFrame, seconds: float) -> None:
    """One line of figures, and whether the intervals hold what they say."""
    figures = {name: round(float(found[name].mean()), 3) for name in found.columns}  # type: ignore[arg-type]
    spread, known = (round(float(found[name].std()), 2) for name in ("z", "z_known"))  # type: ignore[arg-type]
    report(
        CASE,
        f"pricesmith outcome, {kind}, hold-out {share}",
        PRODUCTS,
        Timing(seconds, seconds, 1),
        shops=found.height,
        z_sd=spread,
        z_sd_known=known,
        **figures,
    )


def _goals(found: pl.DataFrame) -> None:
    """Coverage over all shops of a hold-out; single shops are too few to tell 90 from 95 %."""
    for name in ("effect", "effect_products", "units_products", "units_sum", "profit_sum"):
        covered = float(found[name].mean())  # type: ignore[arg-type]
        goal(CASE, f"90 % intervals of {name} hold 85 to 95 %", f"{100 * covered:.1f} % of {found.height} shops", 0.85 <= covered <= 0.95)


def read_by_chance(draws: int) -> None:
    """Many hold-outs of one shop of families, at its best prices: read by cluster, and by product drawn apart."""
    shop = simulate("families", np.random.default_rng(5), 240, 60)
    truth = shop.truth
    new = optimum(truth, np.random.default_rng(0))
    true = float(truth.profit(new).sum() / truth.profit(truth.current).sum() - 1.0)
    for by, name in (("family", "clusters"), ("product", "single products")):
        start = time.process_time()
        found = _readouts(shop, new, by, draws)
        seconds = time.process_time() - start
        lift = np.array([one.lift for one in found])
        far = float((lift.mean() - true) / (lift.std(ddof=1) / np.sqrt(draws)))
        inside = float(np.mean([one.low <= true <= one.high for one in found]))
        figures = {"true": round(true, 4), "mean": round(float(lift.mean()), 4), "sd": round(float(lift.std(ddof=1)), 4)}
        report(
            CASE,
            f"pricesmith readout, {name}",
            len(truth.sku),
            Timing(seconds, seconds, 1),
            draws=draws,
            bias_se=round(far, 1),
            inside=inside,
            **figures,
        )
        if by == "family":
            goal(CASE, "the cluster readout is within 4 standard errors of the truth", f"{far:.1f}", abs(far) < 4.0)
            goal(CASE, "its 90 % intervals hold 85 to 95 %", f"{100 * inside:.1f} %", 0.85 <= inside <= 0.95)
        else:
            goal(CASE, "the comparison of single products is beyond 4 standard errors", f"{far:.1f}", abs(far) > 4.0)


def _readouts(shop: SimulatedShop, new: Ints, by: str, draws: int) -> list[Readout]:
    truth = shop.truth
    before = truth.units(truth.current) * truth.margin(truth.current) * AFTER
    names, code = np.unique(cluster_of(shop.tables["products"], by).to_numpy(), return_inverse=True)
    rng, found = np.random.default_rng(1), []
    for salt in range(draws):
        kept = np.array([draw(str(salt), name) < HELD for name in names])
        prices = np.where(kept[code], truth.current, new)
        sold = counts(truth.units(prices) * AFTER * np.exp(rng.normal(0.0, SHOP_DRIFT, code.size)), 0.01, rng)
        profit, expected = (summed(values, code, names.size) for values in (sold * truth.margin(prices), before))
        one = readout(profit, expected, kept, np.full(names.size, 1.0 - HELD))
        assert one is not None
        found.append(one)
    return found


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
