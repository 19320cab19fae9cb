"""Models: what the model of a run learned and from what, how it compares with another run's, and how well it would have forecast."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import today_alone
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import EVIDENCE
from pricesmith.demand import MODELS
from pricesmith.engine import Decided
from pricesmith.flows.backtest import NOTHING, verdict
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.rederive import Rederived

CHARTED, SHIFTS, VERSIONS = 24, 10, 50
"""Categories in the picture, products that are named, and runs to choose from."""


COVERS = (0.85, 0.95)
"""Shares of the periods inside the 90 % interval between which nothing is said of it."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The run that is looked at (the newest where left out), and the one that it is compared with."""

    run: str = ""
    against: str = ""


class Category(msgspec.Struct, frozen=True):
    """Elasticities of the products of a category: the middle one, and the middle one in the run compared with.

    low, high  four in five of the products lie between them: how these differ, and no interval of the middle one
    """

    category: str
    products: int
    value: float
    low: float
    high: float
    other: float | None = None


class Shift(msgspec.Struct, frozen=True):
    """A product whose elasticity moved between two runs."""

    sku: str
    channel: str
    region: str
    name: str | None
    before: float
    after: float
    change: float
    evidence: str


class Version(msgspec.Struct, frozen=True):
    run: str
    at: dt.datetime
    as_of: dt.date
    model: str


class Scored(msgspec.Struct, frozen=True):
    """Loss of one forecaster on days that it did not see. label: `model`, or the name of a baseline."""

    label: str
    wape: float | None = None
    bias: float | None = None
    pinball: float | None = None
    coverage90: float | None = None
    slope: float | None = None
    slope_lo: float | None = None
    slope_hi: float | None = None


class Answer(msgspec.Struct, frozen=True):
    """Share of the answer to price moves, as the curves foretell it, that came; ends of its 90 % interval; rows and items that moved."""

    share: float
    share_lo: float
    share_hi: float
    rows: int
    items: int


class Biased(msgspec.Struct, frozen=True):
    """Units that a price list expects over units sold, less 1, and the ends of its 90 % interval."""

    bias: float
    bias_lo: float
    bias_hi: float


class Ranges(msgspec.Struct, frozen=True):
    """Share of products that sold within the range beside their price over the days ahead that prices are chosen for."""

    coverage90: float
    rows: int
    days: int


class About(msgspec.Struct, frozen=True):
    """period: of the rows that were tested: `day`, `week` or `month`; the origins asked for, and why there are fewer (`backtest`).

    horizon_for_all  periods ahead at which there is room for all of them
    """

    period: str = "day"
    origins_asked: int = 0
    origins_fewer: list[str] = []
    horizon_for_all: int | None = None


class Kept(msgspec.Struct, frozen=True):
    """The document of `pricesmith backtest --out`, as far as it is shown."""

    at: dt.datetime
    last: dt.date
    name: str
    wape: float | None
    bias: float | None
    pinball: float | None
    coverage90: float | None
    slope: float | None
    rows: int
    folds: list[dict[str, Any]]
    baselines: dict[str, dict[str, Any]]
    about: About = About()
    slope_lo: float | None = None
    slope_hi: float | None = None
    followed: Answer | None = None
    expected: Biased | None = None
    ranges: Ranges | None = None


class Test(msgspec.Struct, frozen=True):
    """One test of the forecasts: when, with the data up to `last`, of which model; the model first, then the baselines.

    absent   methods that could not be tried, as their package is not installed
    verdict  `better`, `level` or `worse` than the best of the others; "" where there is none
    best     that method;  gain: share by which the model's loss is below its loss, and the ends of its 90 % interval
    covers   `few` or `many` where the 90 % interval holds a share of the periods outside COVERS; else ""
    small    it is worse, and surely by less than `backtest.SMALL`
    period   `day`, `week` or `month`
    asked    origins that were asked for; fewer: why there are fewer, `short_history` or `nothing_sold`; room: horizon for all
    lost     its errors add up to more than forecasts of nothing would have
    followed whether sales answered price moves as the curves foretold; null where too few prices moved
    expected what a price list expects at the prices and promotions that came, in all; null where that was not tested
    ranges   how often the ranges beside its prices held, likewise
    """

    at: dt.datetime
    last: dt.date
    name: str
    rows: int
    origins: int
    scores: list[Scored]
    absent: list[str] = []
    verdict: str = ""
    best: str = ""
    gain: tuple[float, float, float] = (0.0, 0.0, 0.0)
    covers: str = ""
    period: str = "day"
    followed: Answer | None = None
    small: bool = False
    asked: int = 0
    fewer: list[str] = []
    room: int | None = None
    lost: bool = False
    expected: Biased | None = None
    ranges: Ranges | None = None


class Models(msgspec.Struct, frozen=True):
    """The page. ready: the run was laid out, so that the report is there; report: what the model says of itself.

    period  of the rows that it learned from: `day`, `week` or `month`
    """

    run: str
    as_of: dt.date | None = None
    model: str = ""
    ready: bool = False
    report: dict[str, Any] = {}
    evidence: dict[str, int] = {}
    categories: list[Category] = []
    charted: int = CHARTED
    versions: list[Version] = []
    against: str = ""
    shifts: list[Shift] = []
    moved: int = 0
    compared: int = 0
    tests: list[Test] = []
    testing: bool = False
    period: str = "day"


def models(reading: Reading, wanted: Wanted, *, testing: bool = False) -> Models:
    """Raises UnknownChoice for a run that is not there."""
    name = wanted.run or reading.latest()
    if name is None:
        return Models("", tests=tests(reading), testing=testing)
    run = reading.run(name)
    known = versions(reading)
    other = reading.run(wanted.against) if wanted.against else None
    again = reading.replayed_soon(name)
    report = {} if again is None else reading.shelf("models", 4).get(name, lambda _name: report_of(reading, run, again))
    rows = run.decided.filter(pl.col("elasticity").is_finite())
    counts = dict(rows.group_by("evidence").len().iter_rows())
    moved = shifts(rows, other.decided) if other is not None else pl.DataFrame()
    return Models(
        name, run.as_of, model_of(run), again is not None, report, {grade: counts[grade] for grade in EVIDENCE if grade in counts},
        categories(rows, None if other is None else other.decided), CHARTED, known, wanted.against,
        [Shift(**row) for row in moved.head(SHIFTS).iter_rows(named=True)],
        0 if moved.is_empty() else int((moved["change"].abs() > 0.5).sum()), moved.height, tests(reading), testing,
        run.policy.period,
    )  # fmt: skip


def model_of(run: Run) -> str:
    return run.policy.model.name


def versions(reading: Reading) -> list[Version]:
    """Runs with a model of their own, the newest first."""
    runs = reading.rows("runs").filter(pl.col("kind") == "price").tail(VERSIONS).reverse()
    default = reading.policy.model.name
    rows = runs.select("run", "at", "as_of", "facts").iter_rows()
    return [Version(run, at, as_of, msgspec.json.decode(str(facts), type=Facts).model or default) for run, at, as_of, facts in rows]


def report_of(reading: Reading, run: Run, again: Rederived) -> dict[str, Any]:
    """What the model says of itself, but for the elasticities by category, which stand in the price list."""
    index = msgspec.json.decode(str(run.row["model"]), type=dict[str, str])
    learned: DemandModel = MODELS.pick(model_of(run)).from_tables(contents.to_tables(reading.book, index))
    report = learned.report(again.snapshot) | families(again.decided) | unsold(again.snapshot)
    return {name: value for name, value in report.items() if name not in ("elasticity_by_category", "evidence")}


def unsold(snapshot: Snapshot) -> dict[str, Any]:
    """`unsold`: rows of the history in which nothing was sold: the files need have none for these, see `preparation.history`.

    `doubtful`: units of days that teach nothing, as their price may be that of a special; they are not among those of the model
    """
    return {"unsold": snapshot.cells.filter(pl.col("units") == 0).height, "doubtful": float(snapshot.doubtful["units"].sum())}


def families(decided: Decided) -> dict[str, Any]:
    """`families`: groups of products whose prices act on one another's sales; `families_products`: products in them."""
    shop = decided.shop
    rows = np.flatnonzero((shop.demand.family >= 0) & (shop.shelf.own > 0))
    if not rows.size:
        return {"families": 0, "families_products": 0}
    acting = shop.demand.family[rows[shop.demand.curves(today_alone(shop.shelf.own[rows]), rows).cross != 0]]
    sizes = np.bincount(acting)
    return {"families": int((sizes > 1).sum()), "families_products": int(sizes[sizes > 1].sum())}


def categories(rows: pl.DataFrame, other: pl.DataFrame | None) -> list[Category]:
    """By category, the one with the most products first."""
    named = pl.col("category").fill_null("").alias("category")
    value = pl.col("elasticity")
    spread = [value.median().alias("value"), value.quantile(0.1).alias("low"), value.quantile(0.9).alias("high")]
    found = rows.group_by(named).agg(pl.len().cast(pl.Int64).alias("products"), *spread)
    if other is not None:
        then = other.filter(value.is_finite()).group_by(named).agg(value.median().alias("other"))
        found = found.join(then, on="category", how="left")
    ordered = found.sort("products", "category", descending=[True, False]).head(100)
    return [Category(**row) for row in ordered.iter_rows(named=True)]


def shifts(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Products of both runs, the one whose elasticity moved most first."""
    then = other.filter(pl.col("elasticity").is_finite()).select(*KEY, before="elasticity")
    both = rows.join(then, on=KEY).with_columns(after=pl.col("elasticity"), change=pl.col("elasticity") - pl.col("before"))
    return both.sort(pl.col("change").abs(), *KEY, descending=[True, False, False, False]).select(Shift.__struct_fields__)


def tests(reading: Reading) -> list[Test]:
    """Tests of the forecasts that were kept, the newest first."""
    found = [kept.read(file, Kept) for file in kept.backtest_files(reading.folder)]
    return [test(one) for one in found if one is not None]


def covers(share: float | None) -> str:
    """`few` or `many` where the share of 90 % intervals that held lies outside COVERS; "" elsewhere."""
    return "" if share is None else "few" if share < COVERS[0] else "many" if share > COVERS[1] else ""


def test(one: Kept) -> Test:
    own = Scored("model", one.wape, one.bias, one.pinball, one.coverage90, one.slope, one.slope_lo, one.slope_hi)
    names = [name for name in Scored.__struct_fields__ if name != "label"]
    others = [Scored(label, *(values.get(name) for name in names)) for label, values in one.baselines.items() if "pinball" in values]
    absent = [label for label, values in one.baselines.items() if "absent" in values]
    told = Test(one.at, one.last, one.name, one.rows, len(one.folds), [own, *others], absent,
                covers=covers(one.coverage90), period=one.about.period,
                followed=one.followed, asked=one.about.origins_asked, fewer=one.about.origins_fewer, room=one.about.horizon_for_all,
                lost=one.wape is not None and one.wape >= NOTHING, expected=one.expected, ranges=one.ranges)  # fmt: skip
    found = verdict(one.baselines)
    if found is None:
        return told
    gain = (found.gain.value, found.gain.lo, found.gain.hi)
    return msgspec.structs.replace(told, verdict=found.kind, best=found.best, gain=gain, small=found.small)
