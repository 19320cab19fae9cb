"""Sales rows from Parquet to checked weekly cells, beside DuckDB's bare GROUP BY of the same cells."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.support.measure import Timing, goal, report

CASE = "ingest"
DAYS = 500
FIRST_DAY = dt.date(2025, 1, 6)
ROWS_A_FILE = 2_000_000
MOST_TIMES, MOST_GB = 2.0, 6.0
ROUNDS = 3
"""Peer and own take turns, so that a busy moment of the machine slows both; medians are compared."""
GROUP_BY = """create table cells as
    select sku, date_trunc('week', date) as week, price, promo, sum(units) as units, count(*) as days
    from read_parquet('{folder}/data/sales/*.parquet') group by all"""


def main(products: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as place:
        make(Path(place), products)
        pairs = [(_child("duckdb", place), _child("reduce", place)) for _ in range(ROUNDS)]
        whole = _child("snapshot", place)
    peer, own = ([pair[side] for pair in pairs] for side in (0, 1))
    _report("duckdb GROUP BY, no checks", peer, products)
    _report("pricesmith reduce", own, products)
    _report("pricesmith snapshot", [whole], products)
    rows, times = products * DAYS, _median(own, "cpu") / _median(peer, "cpu")
    each = sorted(mine["cpu"] / theirs["cpu"] for theirs, mine in pairs)
    goal(
        CASE,
        f"{rows:,} rows to checked cells <= {MOST_TIMES:g}x DuckDB's bare GROUP BY",
        f"{times:.2f}x ({each[0]:.2f} to {each[-1]:.2f} in {ROUNDS} rounds)",
        times <= MOST_TIMES,
    )
    most = max(one["gb"] for one in own)
    goal(CASE, f"{rows:,} rows to checked cells within {MOST_GB:g} GB", f"{most:.2f} GB", most <= MOST_GB)
    found = {(one["cells"], one["units"]) for one in [*peer, *own]}
    goal(CASE, "the same cells and units", f"{own[0]['cells']:,}", len(found) == 1)


def make(folder: Path, products: int) -> None:
    """A shop of `products` x DAYS sales rows in Parquet files ordered by day: prices change every four weeks, promotions every ten."""
    rng = np.random.default_rng(0)
    names = pl.Series("sku", [f"SKU{number:06d}" for number in range(products)])
    base = np.round(rng.lognormal(2.5, 0.6, products)) + 0.99
    data = folder / "data"
    (data / "sales").mkdir(parents=True)
    pl.DataFrame({"sku": names, "unit_cost": base * 0.5}).write_parquet(data / "products.parquet")
    step = max(1, ROWS_A_FILE // products)
    for start in range(0, DAYS, step):
        days = np.arange(start, min(DAYS, start + step))
        day, item = np.repeat(days, products), np.tile(np.arange(products), len(days))
        promo = (day + item * 11) % 70 < 7
        price = np.round(base[item] * (0.9 + 0.05 * ((day + item * 7) // 28 * 31 % 5)) * np.where(promo, 0.85, 1.0), 2)
        columns = {"units": rng.poisson(1.5, len(day)).astype(np.float64), "price": price, "promo": promo.astype(np.int8)}
        dates = pl.Series("date", np.datetime64(FIRST_DAY) + day)
        pl.DataFrame([dates, names.gather(item), *(pl.Series(name, values) for name, values in columns.items())]).write_parquet(
            data / f"sales/{start:04d}.parquet"
        )


def _child(method: str, folder: str) -> dict[str, float]:
    """Run one method in a process of its own, so that its peak memory is its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.ingest", method, folder], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _report(label: str, runs: list[dict[str, float]], products: int) -> None:
    timing = Timing(_median(runs, "cpu"), _median(runs, "wall"), len(runs))
    peak = round(max(run["gb"] for run in runs), 2)
    report(CASE, label, products, timing, rows=products * DAYS, cells=runs[0]["cells"], peak_gb=peak)


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def measure(method: str, folder: str) -> None:
    """Print CPU and clock seconds, peak memory (with the libraries), number of cells and units of one method."""
    before, begun = os.times(), time.perf_counter()
    cells, units = {"duckdb": _duckdb, "reduce": _reduce, "snapshot": _snapshot}[method](folder)
    after, wall = os.times(), time.perf_counter() - begun
    cpu = after.user + after.system - before.user - before.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"cpu": cpu, "wall": wall, "gb": peak, "cells": cells, "units": units}))


def _duckdb(folder: str) -> tuple[int, float]:
    import duckdb

    link = duckdb.connect(config={"threads": 2})
    link.execute(GROUP_BY.format(folder=folder))
    found = link.execute("select count(*), sum(units) from cells").fetchone()
    assert found is not None
    return int(found[0]), float(found[1])


def _reduce(folder: str) -> tuple[int, float]:
    """Every check of a sales row: values that can be, products that are known, days that stand once."""
    from pricesmith.adapters.sources.folder import FolderSource
    from pricesmith.contracts.tables import INPUT
    from pricesmith.preparation.reduce import reduce

    source = FolderSource(folder, large_rows=1)
    products = source.read(INPUT["products"])
    reduced = reduce(source.read(INPUT["sales"]), products.frame["sku"], "UTC")  # type: ignore[union-attr, arg-type]
    assert not reduced.quarantine.height
    return reduced.weekly.sums.height, float(reduced.weekly.sums["units"].sum())


def _snapshot(folder: str) -> tuple[int, float]:
    """All of preparation: data report, list prices, costs, days without a row, items."""
    from pricesmith.adapters.sources.folder import FolderSource
    from pricesmith.contracts.policy import Policy
    from pricesmith.contracts.tables import INPUT
    from pricesmith.preparation import last_day, prepare, snapshot

    source, policy = FolderSource(folder, large_rows=1), Policy(currency="EUR")
    prepared = prepare({name: source.read(table) for name, table in INPUT.items()}, policy)
    taken = snapshot(prepared, policy, last_day(prepared) + dt.timedelta(days=1))
    return taken.cells.height, float(taken.cells["units"].sum())


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], sys.argv[2])
    else:
        main(*(int(size) for size in sys.argv[1:2]))
