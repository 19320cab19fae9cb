"""Costs told by rows of sales or orders: what they say that one costs, or a margin: unit cost = price without tax x (1 - margin).

Stores are averaged by units. Of a product whose stores differ each store gets rows of its own beside the mean.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import COSTS, ORDERS, PRODUCTS, SALES, Table
from pricesmith.flows import wiring
from pricesmith.flows.desk.data.unsaid import rows_of
from pricesmith.flows.desk.reading.drawer import ROOM
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation.items import named_tax
from pricesmith.preparation.times import read_dates

from . import uploads
from .cost_columns import COST, MARGIN

PLACE = ("channel", "region")
KEY = ["sku", "valid_from", "unit_cost", *PLACE]
"""What a row of the table of costs says that was written here."""
SHOWN = 5
DAYS = {SALES.name: "date", ORDERS.name: "at"}
FINER = 2
"""Decimals of a cost beyond those of the currency."""
MEAN = (pl.col("cost") * pl.col("units")).sum() / pl.col("units").sum()


class Cost(msgspec.Struct, frozen=True):
    """A product's last cost, major units without tax, the day from which it holds, and how many costs it has over time."""

    sku: str
    unit_cost: float
    valid_from: dt.date
    costs: int


class SoldCosts(msgspec.Struct, frozen=True):
    """What the rows of a table tell about costs, and what the table of costs would get from them.

    table     `sales` or `orders`;  told: `unit_cost` or `gross_margin`, by which they tell it
    rows      of it;  used: those whose cost counts;  missing: without one;  impossible: a margin of 100 % or more, a cost of 0 or below,
              or no number
    unsold    rows that tell it and have no units, price or day that can be read, or units that come back
    zero      rows that are used with a margin of exactly 0: sold at cost
    products  whose cost is read;  costs: rows that the table of costs would get, one for each change of at least a minor unit
    since, until  the first and the last period
    taxed     products whose prices hold tax that was taken out;  untaxed: those of which nobody says how much: 0 was taken
    stores    channels and regions with a cost;  several: products sold in more than one of them in one period
    apart     products of which the stores' costs differ by a minor unit or more in some period: each store has its own
    elsewhere products whose cost stands elsewhere and is left alone
    above     products whose cost lies above their price, both as medians
    whole     it may be that of a whole row: it grows with the units of a row, or no row of several units tells
    stands    the table of costs holds just this
    first     costs of the products that sold most
    """

    table: str
    told: str
    rows: int
    used: int
    missing: int
    impossible: int
    unsold: int
    zero: int
    products: int
    costs: int
    since: dt.date | None
    until: dt.date | None
    taxed: int
    untaxed: int
    stores: int
    several: int
    apart: int
    elsewhere: int
    above: int = 0
    whole: bool = False
    stands: bool = False
    first: list[Cost] = []


@dataclass(frozen=True, slots=True)
class _Read:
    """told: what was read;  costs: rows of the table of costs that tell it;  text: the whole table with them;  same: it has just them"""

    told: SoldCosts
    text: str
    costs: pl.DataFrame
    same: bool


def sold_costs(reading: Reading) -> SoldCosts | None:
    """None where no table has such a column, or it cannot be read. Read once while files and settings stay."""
    found = _read(reading)
    return found.told if found is not None else None


def write(reading: Reading, at: dt.datetime) -> SoldCosts:
    """Write them into the table of costs; the costs of other products stay. Raises UsageError where nothing is to be written."""
    if not reading.settled:
        raise UsageError("nobody has said yet what the shop wants", hint="say it first: currency and tax decide what a cost is")
    found = _read(reading)
    if found is None or not found.told.costs:
        raise UsageError(
            "no cost can be read from the sales", hint="send sales with a column of costs or gross margins, or a table of costs"
        )
    _write(reading.folder, found, at)
    return found.told


def again(reading: Reading, at: dt.datetime, *, whole: bool) -> SoldCosts | None:
    """The same after a file was added to the table that they were read from, or to that of costs; None where they were not read, or stay.

    Where somebody gave a product a cost, what sales tell of it holds up to that day, and in no place by itself: that would come first.

    whole  the file names every product; else the table of costs stays as old as it was, for nobody has looked at the others' costs
    """
    found = _read(reading) if reading.settled and _held(reading).filter("ours").height else None
    if found is None or found.same:
        return None
    there = uploads.files_of(reading.folder, COSTS.name)[0].stat().st_mtime_ns
    _write(reading.folder, found, at, None if whole else there + uploads.TICK)
    return found.told


def _write(folder: Path, found: _Read, at: dt.datetime, written: int | None = None) -> None:
    uploads.put(folder, COSTS.name, found.text, at)
    if written is not None:
        os.utime(folder / "data" / f"{COSTS.name}.csv", ns=(written, written))
    _path(folder).parent.mkdir(exist_ok=True)
    found.costs.write_csv(_path(folder))


def _read(reading: Reading) -> _Read | None:
    policy, held = reading.policy, wiring.files_of(reading.folder)
    table = next((table for table in (SALES, ORDERS) if wiring.of_table(held, table.name)), None)
    if table is None:
        return None
    files = [sorted(wiring.of_table(held, one.name).items(), key=str) for one in (table, PRODUCTS, COSTS)]
    name = f"{policy.tax} {policy.data.tax_rate} {policy.currency} {policy.timezone} {_stamp(reading.folder)} {files}"
    found: _Read | None = reading.shelf("sold costs", 1).get(name, lambda _name: _derived(reading, table))
    return found


def _derived(reading: Reading, table: Table) -> _Read | None:
    sold, day = rows_of(reading, table), DAYS[table.name]
    told = next((name for name in (COST, MARGIN) if name in sold.columns), "")
    if not told or not {day, "sku", "units", "price"} <= set(sold.columns):
        return None
    rows = _rows(sold, told, read_dates(sold[day].cast(pl.String), reading.policy.timezone))
    used = rows.filter(pl.col("state") == "used").join(_tax(reading), on="sku", how="left")
    of_margin = pl.col("price") / (1.0 + pl.col("tax").fill_null(0.0)) * (1.0 - pl.col("told"))
    used = used.with_columns(cost=pl.col("told") if told == COST else of_margin)
    there = _held(reading)
    before = there.filter(~pl.col("ours")).drop("ours")
    given = _given(before, reading.policy.timezone)
    own = used.join(given, on="sku", how="left").filter(pl.col("given").is_null() | (pl.col("date") < pl.col("given"))).drop("given")
    own = own.join(_costed(rows_of(reading, PRODUCTS)).select("sku"), on="sku", how="anti")
    periods, digits = by_period(own), exponent(reading.policy.currency)
    apart = own.join(far(periods, digits), on="sku", how="semi").join(given, on="sku", how="anti")
    costs = pl.concat([changes(periods, digits), changes(by_place(apart), digits)], how="diagonal")
    costs = costs.select(name for name in costs.columns if name not in PLACE or costs[name].count())
    taxed = told == MARGIN and reading.policy.tax == "gross"
    found = _told((table.name, told), rows, used, own, costs, taxed)
    text = pl.concat([before, costs.cast(pl.String)], how="diagonal").write_csv()
    mine, new = (_filled(rows, KEY).unique().sort(KEY) for rows in (there.filter("ours"), costs.cast(pl.String)))
    same = mine.equals(new)
    found = msgspec.structs.replace(found, apart=apart["sku"].n_unique(), stands=costs.height > 0 and same)
    return _Read(found, text, costs, same)


def _rows(sold: pl.DataFrame, told: str, dates: pl.Series) -> pl.DataFrame:
    """sku, date, channel, region (null where unsaid), units, price, `told`, and `state`: used, or why not. Each row of the table."""
    text = {name: pl.col(name).cast(pl.String).str.strip_chars() for name in sold.columns}
    places = {name: text.get(name, pl.lit("")) for name in PLACE}
    rows = sold.select(
        text["sku"], date=dates, **{name: pl.when(said != "").then(said) for name, said in places.items()},
        said=text[told].fill_null(""), **{name: text[name].cast(pl.Float64, strict=False) for name in ("units", "price")},
        told=text[told].cast(pl.Float64, strict=False),
    )  # fmt: skip
    likely = pl.col("told") > 0.0 if told == COST else pl.col("told") < 1.0
    possible = (pl.col("told").is_finite() & likely).fill_null(False)
    whole = pl.all_horizontal(pl.col("units") > 0, pl.col("price") > 0, pl.col("date").is_not_null(), pl.col("sku") != "").fill_null(False)
    state = pl.when(pl.col("said") == "").then(pl.lit("missing")).when(~possible).then(pl.lit("impossible"))
    return rows.with_columns(state=state.when(~whole).then(pl.lit("unsold")).otherwise(pl.lit("used")))


def _tax(reading: Reading) -> pl.DataFrame:
    """sku and the `tax` inside its price, null where nobody says how much."""
    goods = rows_of(reading, PRODUCTS)
    if "sku" not in goods.columns:
        return pl.DataFrame(schema={"sku": pl.String, "tax": pl.Float64})
    rate = pl.col("tax_rate") if "tax_rate" in goods.columns else pl.lit(None)
    known = goods.select(
        pl.col("sku").cast(pl.String).str.strip_chars(), tax_rate=rate.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    )
    return known.unique("sku", keep="first").select("sku", tax=named_tax(reading.policy))


def _held(reading: Reading) -> pl.DataFrame:
    """Rows of the table of costs as text, and whether they are `ours`: written from sales, and as they were written."""
    rows = rows_of(reading, COSTS)
    if not {"sku", "valid_from"} <= set(rows.columns):
        return pl.DataFrame(schema={"sku": pl.String, "ours": pl.Boolean})
    text = rows.select(pl.col(name).cast(pl.String).str.strip_chars() for name in rows.columns if not name.startswith("_"))
    path = _path(reading.folder)
    if not path.is_file():
        return text.with_columns(ours=pl.lit(False))
    written = _filled(pl.read_csv(path, infer_schema=False), KEY).unique().with_columns(_ours=pl.lit(True))
    more = [pl.col(name).fill_null("") == "" for name in text.columns if name not in KEY]
    marked = _filled(text, KEY).join(written, on=KEY, how="left", maintain_order="left")["_ours"].fill_null(False)
    return text.with_columns(ours=pl.all_horizontal(marked, *more))


def _filled(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return rows.select(pl.col(name).fill_null("") if name in rows.columns else pl.lit("").alias(name) for name in key)


def _costed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that name a unit_cost."""
    if not {"sku", "unit_cost"} <= set(rows.columns):
        return pl.DataFrame(schema={"sku": pl.String, "valid_from": pl.String})
    said = pl.col("unit_cost").cast(pl.String).str.strip_chars().fill_null("") != ""
    return rows.filter(said).with_columns(pl.col("sku").cast(pl.String).str.strip_chars())


def _given(before: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """sku, given: the day from which somebody said a product's cost; what was sold before then tells it still.

    before  rows of the table of costs that were not written here, as text
    """
    costed = _costed(before)
    days = read_dates(costed["valid_from"].cast(pl.String), timezone).fill_null(dt.date.min)
    return costed.select("sku", given=days).group_by("sku").agg(pl.col("given").min())


def by_period(rows: pl.DataFrame) -> pl.DataFrame:
    """sku, date, `cost` (mean over stores, by units), `places`, and `spread` (highest store less the lowest).

    rows  sku, date, channel, region, units (above 0), cost
    """
    lowest, highest = pl.col("cost").min(), pl.col("cost").max()
    told = by_place(rows).group_by("sku", "date").agg(MEAN.alias("mean"), pl.len().alias("places"), (highest - lowest).alias("spread"))
    return told.rename({"mean": "cost"}).sort("sku", "date")


def by_place(rows: pl.DataFrame) -> pl.DataFrame:
    """sku, channel, region, date, `cost` (mean by units) and units. rows: as in `by_period`"""
    key = ["sku", *PLACE, "date"]
    return rows.group_by(key).agg(MEAN.alias("cost"), pl.col("units").sum()).sort(key)


def far(periods: pl.DataFrame, digits: int) -> pl.DataFrame:
    """sku of the products whose stores differ by a minor unit or more in some period. periods: as of `by_period`"""
    return periods.filter(pl.col("spread") >= 10.0**-digits * (1.0 - 1e-6)).select("sku").unique(maintain_order=True)


def changes(periods: pl.DataFrame, digits: int) -> pl.DataFrame:
    """Rows of the table of costs: one where the cost has moved by a minor unit or more since the row before.

    periods  as of `by_period`, or as of `by_place`: then each place has rows of its own
    """
    key = [name for name in ("sku", *PLACE) if name in periods.columns]
    found: list[tuple[object, ...]] = []
    least, before, held = 10.0**-digits * (1.0 - 1e-6), [""], 0.0
    for *whose, date, cost in periods.select(*key, "date", pl.col("cost").round(digits + FINER)).iter_rows():
        if whose != before or abs(cost - held) >= least:
            before, held = whose, cost
            found.append((*whose, date, cost))
    schema = {**dict.fromkeys(key, pl.String()), "valid_from": pl.Date(), "unit_cost": pl.Float64()}
    return pl.DataFrame(found, schema=schema, orient="row").select("sku", "valid_from", "unit_cost", *key[1:])


def _told(
    source: tuple[str, str], rows: pl.DataFrame, used: pl.DataFrame, own: pl.DataFrame, table: pl.DataFrame, taxed: bool
) -> SoldCosts:
    states = dict(rows.group_by("state").len().iter_rows())
    periods = by_period(own)
    taxes = own.group_by("sku").agg(pl.col("tax").first())
    most = own.group_by("sku").agg(pl.col("units").sum()).sort("units", "sku", descending=[True, False]).head(SHOWN)
    places = [name for name in PLACE if name in table.columns]
    everywhere = table.filter(pl.all_horizontal(pl.col(places).is_null())) if places else table
    last = everywhere.group_by("sku").agg(pl.col("unit_cost").last(), pl.col("valid_from").last(), pl.len().alias("costs"))
    shown = most.join(last, on="sku", maintain_order="left").select("sku", "unit_cost", "valid_from", "costs")
    days: tuple[dt.date | None, dt.date | None] = own.select(pl.col("date").min(), until=pl.col("date").max()).row(0)
    return SoldCosts(
        table=source[0], told=source[1],
        rows=rows.height, used=used.height, missing=states.get("missing", 0), impossible=states.get("impossible", 0),
        unsold=states.get("unsold", 0), zero=used.filter(pl.col("told") == 0).height, products=taxes.height, costs=table.height,
        since=days[0], until=days[1],
        taxed=taxes.filter(pl.col("tax") > 0).height if taxed else 0,
        untaxed=taxes.filter(pl.col("tax").is_null()).height if taxed else 0,
        stores=own.select(PLACE).n_unique(), several=periods.filter(pl.col("places") > 1)["sku"].n_unique(), apart=0,
        elsewhere=used["sku"].n_unique() - taxes.height, above=_above(own), whole=_whole(own),
        first=[Cost(*row) for row in shown.iter_rows()],
    )  # fmt: skip


def _above(own: pl.DataFrame) -> int:
    net = pl.col("price") / (1.0 + pl.col("tax").fill_null(0.0))
    return int(own.group_by("sku").agg((pl.col("cost").median() > net.median()).alias("above"))["above"].sum())


def _whole(own: pl.DataFrame) -> bool:
    """Whether most products have a cost at least half higher in rows of several units than in rows of one; True where none has both."""
    one, several = (pl.col("cost").filter(some).median() for some in (pl.col("units") <= 1, pl.col("units") >= 2))
    both = own.group_by("sku").agg(ratio=several / one).drop_nulls()
    return both.is_empty() or bool((both["ratio"] >= 1.5).mean() > 0.5)  # type: ignore[operator]


def _path(folder: Path) -> Path:
    """The costs that were written last, as a table of costs."""
    return folder / ROOM / "sold_costs.csv"


def _stamp(folder: Path) -> tuple[int, int]:
    path = _path(folder)
    found = path.stat() if path.is_file() else None
    return (found.st_mtime_ns, found.st_size) if found is not None else (0, 0)
