"""Prices for a million products from a learned model: ladder, rules, expected profit over the posterior, families, certified gap."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from benchmarks.full_model import make
from benchmarks.support.measure import Timing, goal, report
from pricesmith import engine
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows.batch import fit, load

CASE = "decide"
LEARNED = 2000
MOST_SECONDS, MOST_MEMORY = 20.0, 0.7


def main(products: int = 1_000_000) -> None:
    """A twentieth first: where the whole would not fit into memory, it is not begun, and the goal is short."""
    task = f"decide for {products:,} products <= {MOST_SECONDS:g} s"
    small = max(products // 20, LEARNED)
    expected = _run(small)["peak_gb"] * products / small
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    if expected > MOST_MEMORY * memory:
        goal(CASE, task, f"not run: about {expected:.0f} GB needed of {memory:.0f} GB", False)
        return
    wall = _run(products)["wall"]
    goal(CASE, task, f"{wall:.1f} s", wall <= MOST_SECONDS)


def _run(products: int) -> dict[str, float]:
    """Measure in a process of its own, and print the line."""
    command = [sys.executable, "-m", "benchmarks.decide", "--measure", str(products)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    figures = {key: found[key] for key in ("gap", "changed", "peak_gb")}
    report(CASE, "pricesmith decide", products, Timing(found["cpu"], found["wall"], 1), **figures)
    return found


def measure(products: int) -> None:
    """Learn a shop of 2,000 products, copy items and model until there are enough, decide once; print the figures."""
    with tempfile.TemporaryDirectory() as place:
        make(Path(place), LEARNED)
        learned = fit(load(Path(place)))
    snapshot, model = grow(learned.snapshot, learned.model, max(products // LEARNED, 1))
    begun = time.process_time(), time.perf_counter()
    decided = engine.decide(snapshot, model, learned.policy)
    cpu, wall = time.process_time() - begun[0], time.perf_counter() - begun[1]
    changed = decided.decisions.filter(pl.col("action") == "change").height
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
    print(json.dumps({"cpu": cpu, "wall": wall, "gap": decided.choice.gap, "changed": changed, "peak_gb": peak}))


def grow(snapshot: Snapshot, model: DemandModel, copies: int) -> tuple[Snapshot, DemandModel]:
    """The shop several times over, each copy with its own product and family names; of the history only the last day of each item."""
    names = pl.DataFrame({"copy": [f"{number:05d}-" for number in range(copies)]})
    items = _copied(snapshot.items, names).sort("sku", "channel", "region").with_row_index("number")
    last = snapshot.cells.filter(pl.col("date") == pl.col("date").max().over("item"))
    keyed = last.join(snapshot.items.select("item", "sku", "channel", "region"), on="item").drop("item")
    key = ["sku", "channel", "region"]
    cells = _copied(keyed, names).join(items.select(pl.col("number").alias("item"), *key), on=key).drop(key)
    index = snapshot.items.schema["item"]
    items = items.with_columns(item=pl.col("number").cast(index)).drop("number").select(snapshot.items.columns)
    cells = cells.with_columns(pl.col("item").cast(index)).select(snapshot.cells.columns).sort("item", "date", "price", "promo")
    tables = {name: _copied(table, names) if "sku" in table.columns else table for name, table in model.to_tables().items()}
    return replace(snapshot, items=items, cells=cells), type(model).from_tables(tables)


def _copied(table: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    columns = [(pl.col("copy") + pl.col(name)).alias(name) for name in ("sku", "family") if name in table.columns]
    return table.join(names, how="cross").with_columns(columns).drop("copy")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
    else:
        main(*(int(size) for size in sys.argv[1:2]))
