"""How the shop moved between two runs: prices, landed costs and units sold, product by product."""

from __future__ import annotations

import datetime as dt
import io

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.history import contents

DAYS, MOVED, SHOWN = 28, 0.05, 5
"""Days before a run over which sold units are averaged, of a shop that tells months the last one; change that counts as a move; products
that are named."""
MEASURES = ("price", "cost", "units")


class Shifted(msgspec.Struct, frozen=True):
    """One product that moved: price and cost in minor units, units a day."""

    sku: str
    channel: str
    region: str
    name: str | None
    before: float
    after: float
    change: float


class Shift(msgspec.Struct, frozen=True):
    """One measure: products known in both runs, those that moved by more than 5 %, the median change, the changes between
    which four in five of them lie, the furthest."""

    measure: str
    products: int
    moved: int
    median: float | None
    low: float | None
    high: float | None
    furthest: list[Shifted]


class Shifts(msgspec.Struct, frozen=True):
    """Between run `before` and run `after`; new and gone: products that only one of them has; days: of sold units before the later one."""

    before: str
    after: str
    before_as_of: dt.date
    after_as_of: dt.date
    currency: str
    new: int
    gone: int
    shifts: list[Shift]
    days: int = DAYS


def last_two(reading: Reading) -> Shifts | None:
    """Between the run that was made last, also where that was not for the first time, and the last one before it with other data.

    None where there are not two.
    """
    runs = reading.made().filter(pl.col("kind") != "undo").unique("snapshot", keep="last", maintain_order=True)
    if runs.height < 2:
        return None
    before, after = runs["run"][-2], runs["run"][-1]
    return reading.shelf("shifts").get(f"{before} {after}", lambda _name: shifts(reading, before, after))  # type: ignore[no-any-return]


def shifts(reading: Reading, before: str, after: str) -> Shifts:
    runs = [reading.run(name) for name in (before, after)]
    sides = [side(reading, run) for run in runs]
    both = sides[0].join(sides[1], on=KEY, suffix="_after")
    found = [shift(both, measure) for measure in MEASURES]
    new, gone = (one.join(other, on=KEY, how="anti").height for one, other in ((sides[1], sides[0]), (sides[0], sides[1])))
    return Shifts(
        before, after, runs[0].as_of, runs[1].as_of, runs[1].currency, new, gone, found, window(runs[1].as_of, runs[1].policy.period)[1]
    )


def window(as_of: dt.date, period: str) -> tuple[dt.date, int]:
    """First day and number of days over which units are averaged before a run; a month that has only begun tells nothing of its days."""
    if period != "month":
        return as_of - dt.timedelta(days=DAYS), DAYS
    last = as_of.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=1), last.day


def side(reading: Reading, run: Run) -> pl.DataFrame:
    """Keys, name, price and cost (minor units), and units sold a day in the `window` before the run."""
    since, days = window(run.as_of, run.policy.period)
    parts = msgspec.json.decode(str(run.row["snapshot"]), type=dict[str, str])
    data = contents.read(reading.book, [parts["cells"]])[parts["cells"]]
    recent = pl.scan_parquet(io.BytesIO(data)).filter(pl.col("date").is_between(since, since + dt.timedelta(days=days), closed="left"))
    units = recent.group_by("item").agg(pl.col("units").sum() / days).collect()
    named = run.decided.select(*KEY, "item", "name", price=pl.col("current_price"), cost=pl.col("landed_cost"))
    return named.join(units, on="item", how="left").drop("item")


def shift(both: pl.DataFrame, measure: str) -> Shift:
    """Changes of a measure over the products that have it on both sides."""
    then, now = pl.col(measure), pl.col(f"{measure}_after")
    known = both.filter((then > 0) & (now > 0)).with_columns(before=then.cast(pl.Float64), after=now.cast(pl.Float64))
    known = known.with_columns(change=pl.col("after") / pl.col("before") - 1.0)
    change = known["change"]
    moved = known.filter(pl.col("change").abs() > MOVED)
    furthest = moved.sort(pl.col("change").abs(), *KEY, descending=[True, False, False, False]).head(SHOWN)
    named = [Shifted(**row) for row in furthest.select(Shifted.__struct_fields__).iter_rows(named=True)]
    middle, low, high = (change.quantile(level) for level in (0.5, 0.1, 0.9))
    return Shift(measure, known.height, moved.height, middle, low, high, named)
