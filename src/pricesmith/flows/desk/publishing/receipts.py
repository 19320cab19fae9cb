"""What became of each price of a run that was to leave: one row a product and shop, with the last receipt."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from weakref import WeakKeyDictionary

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.own_prices.own import overrides_of
from pricesmith.flows.desk.reading.finding import named
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.near import searched
from pricesmith.flows.publishing.history.lately import counting
from pricesmith.flows.publishing.sending import measures
from pricesmith.flows.publishing.sending.waves import ARRIVED, TRIED_AGAIN

from .ended import with_ends
from .waits import waiting

PAGE = 100
WAITING = "waiting"
"""Fate of a price that was not tried yet, or is tried again."""
CALLED_OFF = "called_off"
"""Fate of a price of a run that was taken back before it left."""
_TRIED: WeakKeyDictionary[Reading, tuple[tuple[int, int], pl.DataFrame]] = WeakKeyDictionary()


class ReceiptsWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which of the prices. search: any part of SKU or name."""

    fate: str = ""
    target: str = ""
    kind: Literal["", "publish", "undo"] = ""
    search: str = ""
    page: int = 1


class Receipt(msgspec.Struct, frozen=True):
    """One price that was to leave, minor units. before: as decided on; read: seen in the shop after; guard: that held it.

    fate       what became of it: also `undone`, `replaced` or `changed` where it came and stands no more, CALLED_OFF where it never left
    end_at, end_by, end_run, end_price  when, by whom and from which run another price took its place, and which
    stands     it stands in the shop and can be taken back;  said: why a person set it
    against, bound  what the guard measured it by, and the furthest that it lets through, null where that is not known
    unit            of both: `price` (what the price was compared with, minor units), `hours`, `minutes`, `ratio` or `count`
    setting         of [guards]: the threshold of then, "" where the product has its own
    wait, until  what one that is still to leave waits for (a code of `waits.Wait`), and until when; "" and null for any other
    """

    sku: str
    channel: str
    region: str
    name: str | None
    target: str
    kind: str
    before: int | None
    price: int
    read: int | None
    fate: str
    guard: str
    code: str
    attempt: int
    at: dt.datetime | None
    detail: str | None
    end_at: dt.datetime | None
    end_by: str | None
    end_run: str | None
    end_price: int | None
    stands: bool
    wait: str
    until: dt.datetime | None
    said: str | None = None
    against: float | None = None
    bound: float | None = None
    unit: str = ""
    setting: str = ""


RECEIVED = Receipt.__struct_fields__[:-5]
"""Columns of a receipt."""


class Receipts(msgspec.Struct, frozen=True):
    """One page of them. fates, targets: how many there are of each, filters aside.

    chosen  the product whose whole SKU was searched for, where it alone can be taken back: the form begins with it
    """

    run: str
    currency: str
    wanted: ReceiptsWanted
    rows: list[Receipt]
    found: int
    of: int
    pages: int
    fates: dict[str, int]
    targets: dict[str, int]
    chosen: list[Key] = []


def receipts(reading: Reading, run: str, wanted: ReceiptsWanted, at: dt.datetime) -> Receipts:
    """Raises UnknownChoice for a run that is not there."""
    laid = reading.run(run)
    table = named(with_ends(reading, of_run(reading, run)), laid)
    found = table.filter(_tests(wanted)).sort("target", *KEY, "version")
    pages = max(-(-found.height // PAGE), 1)
    shown = _with_waits(reading, found.slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE), at)
    rows = shown.select(RECEIVED)
    counts = [dict(table.group_by(name).len().sort("len", name, descending=[True, False]).iter_rows()) for name in ("fate", "target")]
    told = overrides_of(laid.row)
    set_ = [told.get(Key(*row)) for row in rows.select(KEY).iter_rows()]
    told_ = [_receipt(row, one.why if one else None) for row, one in zip(rows.iter_rows(named=True), set_, strict=True)]
    return Receipts(run, laid.currency, wanted, told_, found.height, table.height, pages, counts[0], counts[1], _chosen(told_, wanted))


def _chosen(rows: list[Receipt], wanted: ReceiptsWanted) -> list[Key]:
    back = [one for one in rows if one.kind == "publish" and (one.stands or one.fate == WAITING) and one.sku == wanted.search]
    return [Key(one.sku, one.channel, one.region) for one in back] if len(back) == 1 else []


def _receipt(row: dict[str, Any], said: str | None) -> Receipt:
    """What a guard measured is told in its own fields, not as words of the shop."""
    size = measures.read(row["fate"], row["detail"])
    detail = None if row["fate"] == "held" else row["detail"]
    return Receipt(**{**row, "detail": detail}, said=said, **msgspec.structs.asdict(size))


def _with_waits(reading: Reading, rows: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """A page of them with `wait` and `until`."""
    left = rows.filter(pl.col("fate") == WAITING)
    parts = [waiting(reading, str(target), part, at) for (target,), part in left.partition_by("target", as_dict=True).items()]
    told = pl.concat([waiting(reading, "", left.clear(), at), *parts]).select("intent", "wait", "until")
    return rows.join(told, on="intent", how="left", maintain_order="left").with_columns(pl.col("wait").fill_null(""))


def of_run(reading: Reading, run: str) -> pl.DataFrame:
    """The rows of `tried` of a run."""
    return tried(reading).filter(pl.col("run") == run)


def tried(reading: Reading) -> pl.DataFrame:
    """Every intent with `fate` (WAITING before the last word), `guard`, `code`, `attempt`, `at`, `read`, `detail`, `before`."""
    own, tries = reading.rows("intents"), reading.rows("receipts")
    known = _TRIED.get(reading)
    if known is None or known[0] != (own.height, tries.height):
        known = _TRIED[reading] = ((own.height, tries.height), _joined(own, tries))
    return known[1]


def _joined(own: pl.DataFrame, tries: pl.DataFrame) -> pl.DataFrame:
    last = tries.unique("intent", keep="last", maintain_order=True).select("intent", "fate", "code", "attempt", "at", "read", "detail")
    sent = tries.filter(pl.col("sent").is_not_null()).select("intent", went=pl.lit(True)).unique()
    newest = own.group_by("target", *KEY).agg(newest=pl.col("version").max())
    table = own.drop("at")
    for other, key in ((last, ["intent"]), (sent, ["intent"]), (newest, ["target", *KEY])):
        table = table.join(other, on=key, how="left", maintain_order="left")
    backs = own.filter(pl.col("kind") == "undo").group_by("run", "target", *KEY).agg(back=pl.col("version").max())
    table = table.join(backs, on=["run", "target", *KEY], how="left", maintain_order="left")
    never = pl.col("fate").is_null() | (pl.col("fate").is_in(TRIED_AGAIN) & pl.col("went").is_null()).fill_null(False)
    untried = never | ((pl.col("fate") == "superseded") & pl.col("read").is_null())
    called_off = untried & (pl.col("kind") == "publish") & (pl.col("back") > pl.col("version")).fill_null(False)
    late = never & (pl.col("version") < pl.col("newest"))  # nobody sends it any more: the next worker writes that down
    open_ = pl.col("fate").replace(dict.fromkeys(TRIED_AGAIN, WAITING)).fill_null(WAITING)
    found = pl.when((pl.col("fate") == "same") & pl.col("went")).then(pl.lit("applied"))  # sent, and seen there at the next try
    fate = pl.when(late).then(pl.lit("superseded")).otherwise(pl.coalesce(found, open_))
    table = table.with_columns(
        fate=pl.when(called_off).then(pl.lit(CALLED_OFF)).otherwise(fate),
        guard=pl.col("code").str.extract(r"^(G\d+):").fill_null(""),
        code=pl.when(called_off).then(pl.lit(CALLED_OFF)).otherwise(pl.col("code").str.replace(r"^G\d+:", "").fill_null("")),
        attempt=pl.col("attempt").fill_null(0),
    )
    return table.drop("back", "newest", "went").rename({"previous": "before"})


def arrivals(reading: Reading) -> pl.DataFrame:
    """`run`, `arrived`, `undone`, `waiting`, `returning`: products whose price came into a shop, and went back; those whose price is still
    to leave, and those whose earlier price is still to go back. See `lately`."""
    lately_ = counting(reading.rows("intents"), reading.rows("receipts"), reading.made()).select("intent")
    table = tried(reading).join(lately_, on="intent", how="semi", maintain_order="left")
    done = table.filter(pl.col("fate").is_in(ARRIVED) & went()).unique(["run", "target", *KEY, "kind"])
    counts = done.group_by("run").agg(arrived=(pl.col("kind") == "publish").sum(), undone=(pl.col("kind") == "undo").sum())
    open_ = table.filter(pl.col("fate") == WAITING).unique(["run", "target", *KEY, "kind"])
    left = open_.group_by("run").agg(waiting=(pl.col("kind") == "publish").sum(), returning=(pl.col("kind") == "undo").sum())
    return table.select("run").unique().join(counts, on="run", how="left").join(left, on="run", how="left").fill_null(0)


def went() -> pl.Expr:
    """Rows of `tried` that are about a price of the shop: those that only call off one that had not left are not."""
    return (pl.col("kind") == "publish") | (pl.col("price") != pl.col("before"))


def _tests(wanted: ReceiptsWanted) -> list[pl.Expr]:
    tests = [pl.col(name) == value for name in ("fate", "target", "kind") if (value := getattr(wanted, name))]
    return [*tests, *searched(wanted.search)] or [pl.lit(True)]
