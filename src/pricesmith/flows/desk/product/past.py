"""What was charged and sold of one product, week by week, and what promotions it had or will have."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot, days_of

SPANS = {"day": ("1w", 7.0), "week": ("1w", 7.0), "month": ("1mo", 365.25 / 12)}
"""Period of a shop's sales -> what a week of its history is, and how many days that is."""
OUT = 0.02
"""Share of a week's time out of stock from which it counts as one."""


class Week(msgspec.Struct, frozen=True):
    """One week (or month). Prices in minor units, means over its time; units a day.

    price, promo_price  list price, which is asked outside promotions; price charged on promotion; None where there was none
    promo, out          share of its time on promotion; share in which it could not be bought
    competitor          median of competitors' offers
    """

    start: dt.date
    price: float | None
    promo_price: float | None
    competitor: float | None
    units: float
    promo: float
    out: float


class Promotion(msgspec.Struct, frozen=True):
    """depth: price cut as a share of the list price; coming: it ends on or after the day of the run."""

    start: dt.date
    end: dt.date
    kind: str | None
    depth: float | None
    coming: bool


class Support(msgspec.Struct, frozen=True):
    """What a product's own history has to say: weeks, different list prices in them, weeks on promotion and out of stock."""

    weeks: int
    prices: int
    promo_weeks: int
    out_weeks: int


def cells_of(snapshot: Snapshot, item: int) -> pl.DataFrame:
    """The cells of an item; they lie side by side."""
    rows = snapshot.cells["item"]
    start, end = (int(rows.search_sorted(item, side=side)) for side in ("left", "right"))
    return snapshot.cells.slice(start, end - start)


def usual_price(snapshot: Snapshot, sku: str) -> float | None:
    """Median of what was charged for a product in all its places, major units: what competitors' offers are held against."""
    parts = [cells_of(snapshot, item)["price"] for item in snapshot.items.filter(pl.col("sku") == sku)["item"]]
    middle = pl.concat(parts).median() if parts else None
    return middle if isinstance(middle, float) else None


def weeks(snapshot: Snapshot, cells: pl.DataFrame) -> list[Week]:
    """History by week, the oldest first.

    cells  rows of table CELLS of one item
    """
    every, scale = SPANS[snapshot.period][0], 10.0 ** exponent(snapshot.currency)
    promo = pl.col("promo").fill_null(0) == 1
    sold = pl.col("days") * pl.col("available") > 0
    known = pl.col("competitor_price").is_finite()

    def mean(name: str, where: pl.Expr) -> pl.Expr:
        """Mean over time, minor units; null where there was none."""
        weight = pl.col("days").filter(where)
        return pl.when(where.any()).then((pl.col(name).filter(where) * weight).sum() / weight.sum() * scale).round(4)

    table = cells.group_by(start=pl.col("date").dt.truncate(every)).agg(
        price=mean("list_price", pl.col("list_price").is_finite().fill_null(False)),
        promo_price=mean("price", promo & sold),
        competitor=mean("competitor_price", known.fill_null(False)),
        units=pl.col("units").sum() / (pl.col("days") * days_of(snapshot.period)).sum(),
        promo=pl.col("days").filter(promo).sum() / pl.col("days").sum(),
        out=1.0 - (pl.col("days") * pl.col("available")).sum() / pl.col("days").sum(),
    )
    return [Week(**row) for row in table.sort("start").iter_rows(named=True)]


def until(snapshot: Snapshot, history: list[Week], cells: pl.DataFrame) -> dt.date | None:
    """The day after the last of which a history tells: a sales row that totals a week or month tells of all its days."""
    if not history:
        return None
    if snapshot.period == "day":
        return cells.select(pl.col("date").max() + dt.timedelta(days=1)).item()  # type: ignore[no-any-return]
    return pl.select(pl.lit(history[-1].start).dt.offset_by(SPANS[snapshot.period][0])).item()  # type: ignore[no-any-return]


def promotions(snapshot: Snapshot, sku: str) -> list[Promotion]:
    """The newest first."""
    table = snapshot.promotions.filter(pl.col("sku") == sku).sort("start", descending=True)
    rows = table.select("start", "end", "kind", "depth", coming=pl.col("end") >= snapshot.as_of)
    return [Promotion(*row) for row in rows.iter_rows()]


def support(history: list[Week], cells: pl.DataFrame) -> Support:
    """How much a history tells about price."""
    regular = cells["list_price"].drop_nulls().drop_nans().round(2)
    return Support(len(history), regular.n_unique(), sum(week.promo > 0.5 for week in history), sum(week.out >= OUT for week in history))


def advice(grade: str, seen: Support, *, cost_assumed: bool, cost_moved: bool) -> list[str]:
    """What would make the evidence better, as codes, the most useful first.

    trial  set prices at random for a while;  vary  ask different list prices;  calm  weeks without promotion: both as `_own` where
    most of what is known comes from its own prices, promotions included;
    stock  say when it was out of stock or keep it in stock;  costs  give true costs;  cost_history  its cost is not known to have changed:
    give those of other days, if there were others, for their moves are an instrument
    """
    found, own = ["trial"] if grade != "experiment" else [], "_own" if grade in ("adjusted", "instrument", "experiment") else ""
    found += ["vary" + own] if seen.prices < 4 and grade in ("prior", "pooled", "adjusted") else []
    found += ["calm" + own] if seen.weeks and seen.promo_weeks > 0.3 * seen.weeks else []
    found += ["stock"] if seen.weeks and seen.out_weeks > 0.1 * seen.weeks else []
    found += ["costs"] if cost_assumed else []
    return found + (["cost_history"] if not cost_moved and not cost_assumed and grade in ("prior", "pooled", "adjusted") else [])


def cost_moved(cells: pl.DataFrame) -> bool:
    """Whether the landed cost changed within the history."""
    return cells["cost"].drop_nulls().n_unique() > 1
