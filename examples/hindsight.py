"""How runs look in hindsight: what they foretold of the weeks after them, against what was sold: `python -m examples.hindsight [NAME ...]`.

Every set is learned anew on days that lie one, two, three and four spans before its last sale, and judged on the span after each. A row a
span: means over the four of the error product by product, of the same had each product sold on as just before, and of the share of products
that sold within their 90 % intervals; and at how many the sum of all lay within its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

import numpy as np

from pricesmith import engine
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows import batch
from pricesmith.flows.desk.outcome.hindsight import Hindsight, seen, summed
from pricesmith.preparation import last_day

from .build import NAMES, build

SPANS = {"day": (7, 28), "week": (14, 28, 56), "month": (61, 184)}
"""Days in a span, by the period of a set."""


def origins(last: dt.date, days: int, period: str) -> list[dt.date]:
    """The days before which sales are known; of months their first days."""
    found = [last - dt.timedelta(days=days * (number + 1)) for number in range(4)]
    return [(one + dt.timedelta(days=15)).replace(day=1) for one in found] if period == "month" else found


def looked(loaded: batch.Loaded, days: int) -> list[Hindsight]:
    """Of each origin that has enough before it."""
    last = last_day(loaded.prepared)
    now, found = batch.take(loaded, last), list[Hindsight]()
    for day in origins(last, days, now.period):
        try:
            then = batch.take(loaded, day)
            told = seen("", then, engine.learn(then, loaded.policy), now, days)
        except PricesmithError:
            continue
        found += [] if told is None else [summed(told)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="sets; all of them if left out")
    print("| set | days | error | as before | inside | sums inside |\n|---|---:|---:|---:|---:|---:|")
    for name in parser.parse_args().names or NAMES:
        with tempfile.TemporaryDirectory() as place:
            shop = build(name)
            shop.write(Path(place))
            loaded = batch.load(Path(place))
            for days in SPANS[shop.period]:
                found = looked(loaded, days)
                miss, before, inside = (np.mean([getattr(one, each) for one in found]) for each in ("miss", "as_before", "inside"))
                within = sum(one.low <= one.sold <= one.high for one in found)
                print(f"| {shop.name} | {days} | {miss:.3f} | {before:.3f} | {inside:.3f} | {within} of {len(found)} |", flush=True)


if __name__ == "__main__":
    main()
