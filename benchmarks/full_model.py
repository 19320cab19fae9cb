"""The whole model from Parquet: prepare, fit with cross effects and posterior, then decide; 2 million sales rows of 20k products."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.support.measure import Timing, goal, report
from benchmarks.support.panel import weekly_panel

CASE = "full_model"
WEEKS = 104
FIRST_DAY = dt.date(2024, 11, 25)
MOST_SECONDS, MOST_GB = 15.0, 2.0
POLICY = """currency = "EUR"
tax = "net"
period = "week"

[[rule]]
kind = "margin_floor"
min_margin = 0.05

[[rule]]
kind = "max_change"
up = 0.2
down = 0.2
"""


def main(products: int = 20_000) -> None:
    with tempfile.TemporaryDirectory() as place:
        make(Path(place), products)
        command = [sys.executable, "-m", "benchmarks.full_model", "--measure", place]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    for step in ("prepare", "fit", "decide"):
        cpu, wall = found[step]
        report(CASE, f"pricesmith {step}", products, Timing(cpu, wall, 1), rows=products * WEEKS, task=step)
    cpu, seconds = (found["prepare"][k] + found["fit"][k] for k in range(2))
    rows = f"{products * WEEKS:,} rows"
    figure = f"{seconds:.1f} s on the clock, {cpu:.1f} CPU s"
    goal(CASE, f"prepare and fit {rows} <= {MOST_SECONDS:g} s on two cores", figure, seconds <= MOST_SECONDS)
    goal(CASE, f"prepare and fit {rows} within {MOST_GB:g} GB", f"{found['gb']:.2f} GB", found["gb"] <= MOST_GB)


def make(folder: Path, products: int) -> None:
    """A weekly shop in families of four with promotions, competitor prices in the demand, and cost changes every eight weeks."""
    panel = weekly_panel(products, WEEKS)
    draw = np.random.default_rng(1)
    names = np.array([f"SKU{number:06d}" for number in range(products)])
    price = np.maximum(np.round(np.exp(panel.price), 2), 0.01)
    units = draw.poisson(np.minimum(np.exp(panel.outcome), 1e5)).astype(np.float64)
    weeks = np.datetime64(FIRST_DAY) + 7 * np.arange(WEEKS)
    sales = {"date": np.tile(weeks, products), "sku": np.repeat(names, WEEKS), "units": units.ravel(), "price": price.ravel()}
    data = folder / "data"
    data.mkdir(parents=True)
    pl.DataFrame(sales | {"promo": panel.promo.ravel().astype(np.int8)}).write_parquet(data / "sales.parquet")
    base = 0.55 * price.mean(axis=1)
    family = np.char.add("F", (np.arange(products) // 4).astype(str))
    category = np.char.add("C", panel.category.astype(str))
    pl.DataFrame({"sku": names, "unit_cost": base, "family": family, "category": category}).write_parquet(data / "products.parquet")
    turns = np.arange(0, WEEKS, 8)
    cost = np.round(base[:, None] * np.exp(panel.cost[:, turns]), 2)
    rows = {"sku": np.repeat(names, len(turns)), "valid_from": np.tile(weeks[turns], products), "unit_cost": cost.ravel()}
    pl.DataFrame(rows).write_parquet(data / "costs.parquet")
    (folder / "shop.toml").write_text(POLICY, encoding="utf-8")


def measure(place: str) -> None:
    """Print CPU and clock seconds of each step, and the peak memory of preparation and fit, libraries included."""
    from pricesmith import engine
    from pricesmith.flows.batch import fit, load

    found: dict[str, object] = {}
    marks = [_now()]
    loaded = load(Path(place))
    marks.append(_now())
    learned = fit(loaded)
    marks.append(_now())
    found["gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    engine.decide(learned.snapshot, learned.model, learned.policy)
    marks.append(_now())
    for step, begun, ended in zip(("prepare", "fit", "decide"), marks[:-1], marks[1:], strict=True):
        found[step] = (ended[0] - begun[0], ended[1] - begun[1])
    print(json.dumps(found))


def _now() -> tuple[float, float]:
    used = os.times()
    return used.user + used.system, time.perf_counter()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        main(*(int(size) for size in sys.argv[1:2]))
