"""Run benchmarks, each in a process of its own, and print one table: python -m benchmarks.run [case ...] [--save docs/benchmarks.md]"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.registry import HERE, Case, cases

Line = dict[str, Any]


class Outcome(TypedDict):
    """What one case gave: its day, its JSON lines, other text, and what went wrong."""

    day: str
    lines: list[Line]
    text: str
    trouble: str


_SHOWN = {"case", "method", "products", "cpu_s", "repeats", "wall_s"}
_HEAD = ("case", "method", "products", "CPU s", "CPU µs each", "peer ÷ ours", "repeats", "also")


def main() -> int:
    known = cases()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="*", help=f"which (default all): {', '.join(known)}")
    parser.add_argument("--limit", type=int, default=1800, help="seconds allowed for one case")
    parser.add_argument("--save", type=Path, help="also write the tables to this Markdown file; cases not run now keep their last lines")
    given = parser.parse_args()
    unknown = [name for name in given.case if name not in known]
    if unknown:
        parser.error(f"unknown case {unknown[0]!r}; known: {', '.join(known)}")
    found: dict[str, Outcome] = {}
    for name in given.case or list(known):
        print(f"running {name}: {known[name].title}", file=sys.stderr, flush=True)
        found[name] = run_case(known[name], given.limit)
    print(render(found))
    if given.save:
        kept = given.save.with_suffix(".json")
        before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        merged = dict(sorted((before | found).items()))
        kept.write_text(json.dumps(merged, indent=1) + "\n", encoding="utf-8")
        given.save.write_text(f"# Benchmarks\n\n{_preface()}\n\n{render(merged)}\n", encoding="utf-8")
    return 1 if any(outcome["trouble"] for outcome in found.values()) else 0


def run_case(case: Case, limit: int) -> Outcome:
    """Run one case. BLAS uses one thread, so that CPU seconds hold no waiting."""
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} | dict(os.environ)
    command, today = [sys.executable, "-m", f"benchmarks.{case.name}"], date.today().isoformat()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, cwd=HERE.parent, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"day": today, "lines": [], "text": "", "trouble": f"not finished in {limit} s"}
    lines, text = [], []
    for row in done.stdout.splitlines():
        try:
            lines.append({"case": case.name} | json.loads(row))
        except (json.JSONDecodeError, TypeError):
            text.append(row)
    last = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    trouble = last[0] if last else ("" if not done.returncode else f"ended with status {done.returncode}")
    return {"day": today, "lines": lines, "text": "\n".join(text), "trouble": trouble}


def render(found: dict[str, Outcome]) -> str:
    """The tables as Markdown."""
    lines = [line for outcome in found.values() for line in outcome["lines"]]
    measured = [line for line in lines if "method" in line]
    parts = [_table(_HEAD, [_row(line, measured) for line in measured])] if measured else []
    goals = [line for line in lines if "goal" in line]
    if goals:
        rows = [(line["case"], line["goal"], str(line["figure"]), "met" if line["met"] else "**short**") for line in goals]
        parts.append(_table(("case", "goal", "figure", ""), rows))
    absent = [f"{line['case']}: {line['absent']}" for line in lines if "absent" in line]
    parts += [f"Peers not installed, so not measured: {'; '.join(absent)}."] if absent else []
    parts += [f"{name}:\n\n```\n{outcome['text']}\n```" for name, outcome in found.items() if outcome["text"]]
    failed = [f"{name}: {outcome['trouble']}" for name, outcome in found.items() if outcome["trouble"]]
    parts += [f"Failed: {'; '.join(failed)}."] if failed else []
    days = ", ".join(f"{name} {outcome['day']}" for name, outcome in found.items())
    parts.append(f"Days: {days}.")
    return "\n\n".join(parts)


def _row(line: Line, measured: list[Line]) -> tuple[str, ...]:
    also = ", ".join(f"{key} {_short(value)}" for key, value in line.items() if key not in _SHOWN and value is not None)
    each = _each(line)
    ours = _ours(line, measured)
    own = str(line["method"]).startswith("pricesmith")
    ratio = "" if own or ours is None or each is None else f"{each / ours:,.3g}"
    micro = "" if each is None else f"{1e6 * each:,.3g}"
    size = f"{line['products']:,}" if "products" in line else ""
    return line["case"], line["method"], size, _short(line.get("cpu_s", "")), micro, ratio, str(line.get("repeats", "")), also


def _each(line: Line) -> float | None:
    return line["cpu_s"] / line["products"] if line.get("cpu_s") is not None and line.get("products") else None


def _ours(line: Line, measured: list[Line]) -> float | None:
    """CPU seconds per product of our method for the same task; at the same size where it was run so, else at its first."""
    rivals = [other for other in measured if other["case"] == line["case"] and str(other["method"]).startswith("pricesmith")]
    same_task = [other for other in rivals if other.get("task") == line.get("task")]
    same_size = [other for other in same_task if other.get("products") == line.get("products")]
    return next((_each(other) for other in same_size + same_task), None)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    dashes = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in [head, dashes, *rows]
    )


def _preface() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return (
        f"Measured on {machine}; written by `make bench ARGS='--save docs/benchmarks.md'`.\n"
        "CPU seconds are medians of the process, BLAS on one thread. The machine was shared: the claim is the ratio between methods of\n"
        "one run, not the seconds. `peer ÷ ours` compares CPU seconds per product for the same task."
    )


if __name__ == "__main__":
    sys.exit(main())
