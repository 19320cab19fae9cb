"""Times functions and prints results as lines of JSON."""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timing:
    """Median CPU and clock seconds of a number of runs."""

    cpu: float
    wall: float
    repeats: int


def timed(work: Callable[[], T], repeats: int = 5, budget: float = 60.0) -> tuple[T, Timing]:
    """Run up to `repeats` times within `budget` seconds (at least once); the last result, and medians over all threads of this process."""
    cpu, wall, begun = [], [], time.perf_counter()
    while True:
        start = time.process_time(), time.perf_counter()
        result = work()
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
        if len(cpu) == repeats or time.perf_counter() - begun + wall[-1] > budget:
            return result, Timing(statistics.median(cpu), statistics.median(wall), len(cpu))


def report(case: str, method: str, products: int, timing: Timing, **figures: Any) -> float:
    """Print the line of one method; returns its CPU seconds per product."""
    line = {"case": case, "method": method, "products": products, "cpu_s": timing.cpu, "wall_s": timing.wall, "repeats": timing.repeats}
    print(json.dumps(line | figures), flush=True)
    return timing.cpu / products


def goal(case: str, text: str, figure: str, met: bool) -> None:
    """Print the line of one goal."""
    print(json.dumps({"case": case, "goal": text, "figure": figure, "met": bool(met)}), flush=True)


def installed(case: str, *packages: str) -> bool:
    """Whether a peer can be measured; prints the line that names it as absent where not."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        print(json.dumps({"case": case, "absent": " + ".join(missing)}), flush=True)
    return not missing
