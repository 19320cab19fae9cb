"""Seconds to start: `import pricesmith` over bare Python, and `pricesmith --help`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks.support.measure import Timing, goal, report

CASE = "startup"
HELP = "from pricesmith.apps.cli.main import main; main(['--help'])"


def main(repeats: int = 15) -> None:
    bare = _timing(["-c", "pass"], repeats)
    package = _timing(["-c", "import pricesmith"], repeats)
    shown = _timing(["-c", HELP], repeats)
    for name, timing in (("bare Python", bare), ("pricesmith import", package), ("pricesmith --help", shown)):
        report(CASE, name, 1, timing, task=name)
    extra = package.cpu - bare.cpu
    goal(CASE, "import <= 0.15 s over bare Python", f"{extra:.3f} s", extra <= 0.15)
    goal(CASE, "--help <= 0.3 s", f"{shown.cpu:.3f} s", shown.cpu <= 0.3)


def _timing(arguments: list[str], repeats: int) -> Timing:
    """Medians over fresh processes, the first one left out; CPU seconds of the child."""
    cpu, wall = [], []
    for _ in range(repeats + 1):
        before, begun = os.times(), time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        wall.append(time.perf_counter() - begun)
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return Timing(statistics.median(cpu[1:]), statistics.median(wall[1:]), repeats)


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
