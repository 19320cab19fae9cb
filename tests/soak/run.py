"""Checks every promise at full size, or at a share of it: `make soak`, `make soak ARGS="--scale 0.01 --only P06 P17"`.

Prints a table, a line a check: cases, breaches, seconds. `--save` puts the lines into docs/reliability.md; exits with 1 after a breach.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import time
from pathlib import Path

from tests.postgres import AbsentError
from tests.soak.promise import Promise, Seen, every

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = "| promise | what holds | cases | breaches | seen | seconds | day |"
BEGIN, END = "<!-- table of make soak -->", "<!-- end -->"


def check(one: Promise, scale: float) -> tuple[Seen, float]:
    """What a check has seen and its seconds by the clock; a check that raises is a breach."""
    size = max(round(one.full * scale), one.small)
    begun = time.perf_counter()
    try:
        seen = one.check(size)
    except AbsentError as reason:
        seen = Seen(0, 0, f"not run: {reason}")
    except AssertionError as reason:
        seen = Seen(size, 1, f"BREACH: {str(reason).splitlines()[0] if str(reason) else 'an assertion'}")
    return seen, time.perf_counter() - begun


def line(one: Promise, seen: Seen, seconds: float, day: dt.date) -> str:
    size = f"{seen.cases:,} of {one.full:,} {one.unit}" if seen.cases < one.full else f"{seen.cases:,} {one.unit}"
    return f"| {one.number} | {one.sentence} | {size} | {seen.breaches} | {seen.figure} | {seconds:,.0f} | {day} |"


def save(lines: list[str], page: Path = PAGE) -> None:
    """Put lines into the table of the page; a line of the same promise and sentence is replaced."""
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    table, tail = rest.split(END)
    rows = {_key(row): row for row in table.strip().splitlines()[2:]}
    rows |= {_key(row): row for row in lines}
    body = "\n".join([HEAD, re.sub(r"[^|]+", "---", HEAD), *(rows[key] for key in sorted(rows))])
    page.write_text(f"{head}{BEGIN}\n{body}\n{END}{tail}", encoding="utf-8")


def _key(row: str) -> tuple[str, str]:
    cells = row.split("|")
    return cells[1].strip(), cells[2].strip()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size; never below the size of the tests")
    parser.add_argument("--only", nargs="+", default=[], metavar="P06", help="promises by number, or P14.sqlite_killed for one check")
    parser.add_argument("--save", action="store_true", help="write the lines into docs/reliability.md")
    given = parser.parse_args()
    chosen = [one for one in every() if not given.only or any(_means(word, one) for word in given.only)]
    say(HEAD)
    lines, breaches = [], 0
    for one in chosen:
        seen, seconds = check(one, given.scale)
        breaches += seen.breaches
        lines.append(line(one, seen, seconds, dt.datetime.now(dt.UTC).date()))
        say(lines[-1])
        if given.save:
            save(lines[-1:])
    raise SystemExit(int(breaches > 0 or not chosen))


def _means(word: str, one: Promise) -> bool:
    number, _, name = word.partition(".")
    return number in one.number.split() and name in ("", one.check.__name__)


if __name__ == "__main__":
    main()
