"""The exam: simulated shops priced end to end through their files, judged by the truth that the files do not show."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import exponent
from pricesmith.simulation.baselines import BASELINES
from pricesmith.simulation.ceiling import ceiling
from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.score import Answer, captured, promised, score, units
from pricesmith.simulation.shop import SimulatedShop, simulate
from pricesmith.simulation.world import KINDS

from . import batch


class Listed(NamedTuple):
    """A price list: table DECISIONS. promise: the change of profit a day that it promises and the ends of its 90 % interval, major units"""

    decisions: pl.DataFrame
    promise: tuple[float, float, float] | None = None


Pricer = Callable[[Path, dt.date], Listed]
"""Folder and as-of date -> price list."""


def run_exam(
    kinds: Sequence[str] = KINDS,
    seeds: Iterable[int] = range(2),
    products: int = 300,
    days: int = 540,
    progress: Callable[[str], None] = batch.silent,
    pricer: Pricer | None = None,
) -> list[dict[str, object]]:
    """Examine one shop of every kind and seed; `progress` is told each shop's name before it starts.

    Returns one entry a shop, see `examine`. Same arguments give the same entries but for the seconds.
    """
    entries = []
    for kind in kinds:
        for seed in seeds:
            progress(f"{kind} {seed}")
            entries.append({"kind": kind, "seed": seed, **examine(make_shop(kind, seed, products, days), pricer or price_folder)})
    return entries


def price_folder(folder: Path, as_of: dt.date) -> Listed:
    """The price list of a shop folder, as `pricesmith price` makes it."""
    decided = batch.price(batch.load(folder), as_of).decided
    draws = decided.expected.total / 10.0 ** exponent(decided.shop.snapshot.currency)
    low, high = np.quantile(draws, (0.05, 0.95))
    return Listed(decided.decisions, (float(draws.mean()), float(low), float(high)))


def examine(shop: SimulatedShop, pricer: Pricer) -> dict[str, object]:
    """Write the shop's folder, price it, and mark the price list.

    captured, coverage90, wrong_sign, rule_violations, rmse, bias, width  see `simulation.score.score`
    units       expected units over true units, of all products at the prices of the list
    promised, promise_held  change of profit that is promised, over the true one; 1 where the 90 % interval holds that, else 0
    seconds     from reading the files to the price list
    possible    profit at the optimum over profit at the current prices, minus 1
    ceiling     captured share of `simulation.ceiling.ceiling`
    baselines   captured share and rmse of each of `simulation.baselines.BASELINES`
    Figures that do not exist (an interval that was not given) are None.
    """
    truth = shop.truth
    best = optimum(truth, np.random.default_rng(0))
    with tempfile.TemporaryDirectory(prefix="pricesmith-exam-") as name:
        folder = write_folder(shop, Path(name))
        start = time.perf_counter()
        decisions, promise = pricer(folder, shop.as_of)
        seconds = time.perf_counter() - start
    answered = answer(shop, decisions)
    marks: dict[str, object] = {key: _finite(value) for key, value in score(truth, answered, best).items()}
    others = {name: score(truth, method(truth, shop.tables), best) for name, method in BASELINES.items()}
    return {
        **marks,
        "units": _finite(units(truth, answered.prices, column(shop, decisions, "expected_units"))),
        **promised(truth, answered.prices, promise),
        "seconds": round(seconds, 3),
        "possible": float(truth.profit(best).sum() / truth.profit(truth.current).sum() - 1.0),
        "ceiling": captured(truth, ceiling(truth, np.random.default_rng(1)).prices, best),
        "baselines": {name: {key: _finite(other[key]) for key in ("captured", "rmse")} for name, other in others.items()},
    }


def answer(shop: SimulatedShop, decisions: pl.DataFrame) -> Answer:
    """The price list in the order of the truth; a product without a row keeps its price and says nothing."""
    price = _rows(shop, decisions)["price"].fill_null(pl.Series(shop.truth.current)).to_numpy().astype(np.int64)
    return Answer(price, *(column(shop, decisions, name) for name in ("elasticity", "elasticity_lo", "elasticity_hi")))


def column(shop: SimulatedShop, decisions: pl.DataFrame, name: str) -> Floats:
    """(n,) a figure of the price list in the order of the truth; NaN where it says nothing."""
    return _rows(shop, decisions)[name].fill_null(math.nan).to_numpy().astype(np.float64)


def _rows(shop: SimulatedShop, decisions: pl.DataFrame) -> pl.DataFrame:
    order = pl.DataFrame({"sku": list(shop.truth.sku)})
    return order.join(decisions, on="sku", how="left", maintain_order="left")


def means(entries: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """One row a kind: means of the figures over its shops, violations and wrong signs added up."""
    table = pl.DataFrame([{key: value for key, value in entry.items() if key not in ("seed", "baselines")} for entry in entries])
    added = ("rule_violations", "wrong_sign")
    others = [name for name in table.columns if name not in ("kind", *added)]
    grouped = table.group_by("kind", maintain_order=True)
    return grouped.agg(
        pl.len().alias("shops"), *[pl.col(name).mean() for name in others], *[pl.col(name).sum() for name in added]
    ).to_dicts()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def make_shop(kind: str, seed: int, products: int = 300, days: int = 540) -> SimulatedShop:
    """The shop of one kind and seed; kinds of one seed share nothing."""
    return simulate(kind, np.random.default_rng([seed, zlib.crc32(kind.encode())]), products, days)


def write_folder(shop: SimulatedShop, folder: Path) -> Path:
    """Write a shop folder: `shop.toml` and one Parquet file per table."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, frame in shop.tables.items():
        frame.write_parquet(data / f"{name}.parquet")
    (folder / "shop.toml").write_text(policy_text(shop), encoding="utf-8")
    return folder


def policy_text(shop: SimulatedShop) -> str:
    """The policy of a simulated shop, as a user would write it."""
    law = shop.truth.law
    rules = [f'[[rule]]\nkind = "margin_floor"\nmin_margin = {law.min_margin}', f'[[rule]]\nkind = "max_change"\nstep = {law.max_change}']
    if law.endings:
        rules.append(f'[[rule]]\nkind = "price_endings"\nendings = {list(law.endings)}')
    rules.append('[[rule]]\nkind = "price_bounds"')
    head = f'currency = "{law.currency}"\ntax = "gross"\nobjective = "profit"\nhorizon_days = {shop.horizon_days}\n'
    return head + "\n" + "\n\n".join(rules) + "\n"
