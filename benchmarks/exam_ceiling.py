"""Captured share of the possible profit beside its ceiling and the plain baselines, by kind of shop.

python benchmarks/exam_ceiling.py --kinds plain,hidden --seeds 10-15
"""

from __future__ import annotations

import argparse
import sys

from pricesmith.flows.exam import means, run_exam
from pricesmith.simulation.world import KINDS

TARGETS = {"plain": 0.90, "visible": 0.87, "sparse": 0.84, "stockouts": 0.89, "hidden": 0.90}
"""Captured shares to reach."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seeds", default="0-5", help="first-last")
    parser.add_argument("--products", type=int, default=300)
    parser.add_argument("--days", type=int, default=540)
    given = parser.parse_args()
    first, last = (int(part) for part in given.seeds.split("-"))
    head = "kind        captured  target  ceiling  per-product  category  true own  coverage  rmse  violations  wrong sign  seconds"
    print(head, "-" * len(head), sep="\n")
    for kind in given.kinds.split(","):
        entries = run_exam([kind], range(first, last + 1), given.products, given.days, lambda name: print(name, end="\r", file=sys.stderr))
        print(row(kind, entries))


def row(kind: str, entries: list[dict[str, object]]) -> str:
    """One line of the table."""
    mean = means(entries)[0]
    shares = [[entry["baselines"][name]["captured"] for entry in entries] for name in ("per_product", "per_category", "true_own")]  # type: ignore[index]
    plain = "".join(f"{sum(share) / len(share):12.3f}" for share in shares)
    target = f"{TARGETS[kind]:8.2f}" if kind in TARGETS else "       -"
    coverage, rmse = f"{mean['coverage90']:10.2f}", f"{mean['rmse']:6.2f}"
    counted = f"{mean['rule_violations']:12}{mean['wrong_sign']:12}{mean['seconds']:9.1f}"
    return f"{kind:10}{mean['captured']:10.3f}{target}{mean['ceiling']:9.3f}{plain}{coverage}{rmse}{counted}"


if __name__ == "__main__":
    main()
