"""What prices did: all runs over time, and one run against what it promised. Read from what `pricesmith outcome --keep` worked out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import msgspec
import polars as pl

from pricesmith.flows.desk.publishing.ever import Ever, came, ever
from pricesmith.flows.desk.reading.drawer import Kept, take
from pricesmith.flows.desk.reading.finding import named
from pricesmith.flows.desk.reading.keeping import OUTCOME, OUTCOMES
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.near import searched

PAGE, POINTS, REFUSED, MOST = 100, 400, 20, 10


class Span(msgspec.Struct, frozen=True):
    """A sum with its 90 % interval."""

    value: float | None
    low: float | None
    high: float | None


class RunOutcome(msgspec.Struct, frozen=True):
    """A run whose prices came; figures a day, money in major units; null where nothing can be said yet. See calibration.RUNS.

    since  first whole day of its prices;  until: the day after the last one with sales that count, last: that last day
    why    it is not known what it promised and brought: `no_sales` since, `none_judged` of its changed products, or `unasked`; else ""
    """

    run: str
    since: str
    until: str | None
    products: int | None
    coverage90: float | None
    bias: float | None
    promised: float | None
    realised: float | None
    realised_lo: float | None
    realised_hi: float | None
    last: str | None = None
    why: Literal["", "no_sales", "none_judged", "unasked"] = ""


class Answered(msgspec.Struct, frozen=True):
    """Proposals that were answered one way: what they bring more than the other price, major units a day, by what was learned since."""

    answer: str
    proposals: int
    value: float | None
    better_proposed: int
    better_other: int
    better_open: int


class Adopted(msgspec.Struct, frozen=True):
    """What became of the proposals of a run; see adoption.ADOPTION. sent and what follows: null where an older version worked it out."""

    run: str
    proposals: int
    accepted: int
    overridden: int
    rejected: int
    unanswered: int
    sent: int | None = None
    in_shop: int | None = None
    taken_back: int | None = None
    stood: int | None = None


class Level(msgspec.Struct, frozen=True):
    """Our prices over competitors' in a stretch of time; share: of revenue that has a competitor's price. See price_index.INDEX."""

    date: str
    index: float
    products: int
    share: float


class Outcomes(msgspec.Struct, frozen=True):
    """All runs together. at: when it was worked out; newer: data came since; came: runs whose prices came into a shop.

    ever  these prices, also of a run that was made again since
    by_hand  accepted runs of which no price came from here: what is known of those that somebody said stand in the shop since a day
    taken  of all runs of `adoption` together, but those that a newer one replaced before any price of theirs left: so many are `passed`
    """

    currency: str
    came: list[str]
    ever: Ever
    by_hand: list[RunOutcome] = []
    at: dt.datetime | None = None
    as_of: str = ""
    newer: bool = False
    runs: list[RunOutcome] = []
    together: dict[str, float] | None = None
    by_answer: list[Answered] = []
    adoption: list[Adopted] = []
    taken: Adopted | None = None
    passed: int = 0
    index: list[Level] = []


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which products of a run. shown: those whose price changed, or all that were judged."""

    search: str = ""
    shown: Literal["changed", "all"] = "changed"
    sort: Literal["effect", "units", "profit", "miss"] = "effect"
    page: int = 1


class Product(msgspec.Struct, frozen=True):
    """One product, a day, money in major units. See monitoring.outcome.Outcome."""

    sku: str
    channel: str
    region: str
    name: str | None
    changed: bool
    days: float
    units_promised: float | None
    units_lo: float | None
    units_hi: float | None
    units: float | None
    inside: bool
    profit_promised: float | None
    profit: float | None
    effect_promised: float | None
    effect: float | None
    effect_lo: float | None
    effect_hi: float | None


class Refused(msgspec.Struct, frozen=True):
    """A proposal that people turned down, and what it would have brought more (major units a day); prices in major units."""

    sku: str
    channel: str
    region: str
    answer: str
    proposed: float
    other: float
    value: float | None
    value_lo: float | None
    value_hi: float | None
    better: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `at` is null before it was worked out. points: predicted, realised units a day and whether inside, of changed products.

    since, until  first whole day of its prices, and the day after the last one with sales that count;  last: that last day
    ever  its prices that came into a shop, also before it was made again
    """

    run: str
    as_of: dt.date
    currency: str
    came: bool
    ever: Ever
    wanted: Wanted
    at: dt.datetime | None = None
    newer: bool = False
    since: str = ""
    until: str = ""
    last: str = ""
    days: int = 0
    promised: dict[str, Span] = {}
    realised: dict[str, float] = {}
    effect: Span | None = None
    effect_promised: float | None = None
    coverage90: float | None = None
    bias: float | None = None
    stayed: int = 0
    elsewhere: int = 0
    holdout: dict[str, Any] | None = None
    by_answer: list[Answered] = []
    refused: list[Refused] = []
    products: list[Product] = []
    found: int = 0
    judged: int = 0
    pages: int = 1
    points: list[tuple[float, float, bool]] = []


def outcomes(reading: Reading) -> Outcomes:
    """All runs whose prices came."""
    rows = came(reading)
    runs = rows["run"].unique(maintain_order=True).to_list()
    empty = Outcomes(reading.policy.currency, runs, ever(reading, rows), _by_hand(reading, runs))
    kept = take(reading.folder, OUTCOMES, "all")
    if kept is None:
        return empty
    told = kept.document
    adopted = [Adopted(**row) for row in told["adoption"]]
    runs, kept_ = [_run(row) for row in told["runs"]], [row for row in adopted if not _passed(row, reading.latest())]
    return msgspec.structs.replace(
        empty, at=kept.at, as_of=told["as_of"], newer=newer(reading.folder, kept), runs=runs, together=told["together"],
        by_answer=[Answered(**row) for row in told["by_answer"]], adoption=adopted, taken=_all(kept_), passed=len(adopted) - len(kept_),
        index=[Level(**row) for row in told["index"]],
    )  # fmt: skip


def _by_hand(reading: Reading, came: list[str]) -> list[RunOutcome]:
    """The newest MOST runs that somebody accepted and of which no price was published from here, in the order of their making."""
    accepted = reading.rows("verdicts").filter(pl.col("answer") == "accept")["run"].implode()
    asked = reading.rows("intents")["run"].implode()
    rows = reading.rows("runs").filter(pl.col("run").is_in(accepted) & ~pl.col("run").is_in(came) & ~pl.col("run").is_in(asked))
    return [_set_by_hand(name, take(reading.folder, OUTCOME, name)) for name in rows["run"].tail(MOST)]


def _set_by_hand(run: str, kept: Kept | None) -> RunOutcome:
    nothing = RunOutcome(run, "", None, None, None, None, None, None, None, None, why="unasked")
    if kept is None:
        return nothing
    told = kept.document
    judged = kept.tables["products"].filter(pl.col("changed") & (pl.col("days") > 0)).height
    known = msgspec.structs.replace(
        nothing, since=told["since"], until=told["until"], last=_before(told["until"]), products=judged, why="none_judged"
    )
    if not judged:
        return known
    effect = told["effect"]
    return msgspec.structs.replace(
        known, coverage90=told["coverage90"], bias=told["bias"], promised=told["effect_promised"], realised=effect["value"],
        realised_lo=effect["low"], realised_hi=effect["high"], why="",
    )  # fmt: skip


def _run(row: dict[str, Any]) -> RunOutcome:
    """row: of calibration.RUNS, as it was kept."""
    if row["until"] is None:
        return RunOutcome(**row, why="no_sales")
    return RunOutcome(**row, last=_before(row["until"]), why="none_judged" if row["promised"] is None else "")


def _before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def _passed(row: Adopted, newest: str | None) -> bool:
    """Whether a newer run took its place before a price of it left, stood in a shop already, or gave way to one that a person set."""
    went = (row.sent, row.stood, row.in_shop, row.overridden)
    return row.run != newest and None not in went and not any(went)


def _all(rows: list[Adopted]) -> Adopted | None:
    if not rows:
        return None
    columns = {name: [getattr(row, name) for row in rows] for name in Adopted.__struct_fields__[1:]}
    return Adopted(run="", **{name: None if None in column else sum(column) for name, column in columns.items()})  # type: ignore[arg-type]


def outcome(reading: Reading, name: str, wanted: Wanted) -> Outcome:
    """Raises UnknownChoice for a run that is not there."""
    run = reading.run(name)
    rows = came(reading).filter(pl.col("run") == name)
    empty = Outcome(run=name, as_of=run.as_of, currency=run.currency, came=not rows.is_empty(), ever=ever(reading, rows), wanted=wanted)
    kept = take(reading.folder, OUTCOME, name)
    if kept is None:
        return empty
    told, table = kept.document, kept.tables["products"]
    days = (dt.date.fromisoformat(told["until"]) - dt.date.fromisoformat(told["since"])).days
    judged = table.filter(pl.col("changed") & (pl.col("days") > 0))
    found = _found(named(table, run), wanted)
    pages = max(-(-found.height // PAGE), 1)
    rows = found.slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE).select(Product.__struct_fields__)
    return msgspec.structs.replace(
        empty, at=kept.at, newer=newer(reading.folder, kept), since=told["since"], until=told["until"], last=_before(told["until"]),
        days=days,
        promised={key: Span(**span) for key, span in told["promised"].items()}, realised=told["realised"],
        effect=Span(**told["effect"]), effect_promised=told["effect_promised"], coverage90=told["coverage90"], bias=told["bias"],
        stayed=told["drift"]["products_that_stayed"], elsewhere=told["elsewhere"], holdout=told["holdout"],
        by_answer=[Answered(**row) for row in told["by_answer"]], refused=_refused(kept.tables["proposals"]),
        products=[Product(**row) for row in rows.iter_rows(named=True)], found=found.height, judged=judged.height, pages=pages,
        points=_points(judged),
    )  # fmt: skip


def newer(folder: Path, kept: Kept) -> bool:
    """Whether a file of the shop's data was written since."""
    written = [file.stat().st_mtime for file in (folder / "data").rglob("*") if file.is_file()]
    return bool(written) and max(written) > kept.at.timestamp()


def _found(table: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """The worst first."""
    tests = [pl.col("days") > 0, *([pl.col("changed")] if wanted.shown == "changed" else []), *searched(wanted.search)]
    by = pl.col("effect") - pl.col("effect_promised") if wanted.sort == "miss" else pl.col(wanted.sort)
    return table.filter(tests).sort(by, *KEY, nulls_last=True)


def _points(judged: pl.DataFrame) -> list[tuple[float, float, bool]]:
    """At most POINTS changed products, evenly over the promised units."""
    known = judged.filter((pl.col("units_promised") > 0) & pl.col("units").is_finite()).sort("units_promised", *KEY)
    chosen = known.gather_every(max(-(-known.height // POINTS), 1))
    return list(chosen.select("units_promised", "units", "inside").iter_rows())


def _refused(rows: pl.DataFrame) -> list[Refused]:
    """Proposals that were not taken, those that would have brought most first."""
    turned = rows.filter((pl.col("answer") != "accepted") & (pl.col("proposed") != pl.col("other")))
    shown = turned.sort(pl.col("value").abs(), *KEY, descending=[True, False, False, False], nulls_last=True).head(REFUSED)
    return [Refused(**row) for row in shown.select(Refused.__struct_fields__).iter_rows(named=True)]
