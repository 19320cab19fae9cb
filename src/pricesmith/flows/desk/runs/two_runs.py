"""Two runs side by side, product by product: whose price is proposed otherwise, and what else is other with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.rules.versions import Setting, differing, flat
from pricesmith.flows.near import searched
from pricesmith.flows.publishing.history.runs import JOINT

from .in_force import DECIDE
from .shifts import DAYS, side

PAGE, RUNS = 50, 30
"""Products of a page; runs that are offered to compare with."""
RESPONSE, SALES = 0.05, 0.2
"""Changes, as shares of what was, from which on an elasticity and units sold count as other."""
Kind = Literal["higher", "lower", "held", "freed", "new", "gone", "same"]
Other = Literal["shop_price", "cost", "competitor", "response", "evidence", "sales", "rules"]
SETTINGS = (*DECIDE, "rule")
"""First parts of the places of settings that decide prices."""
KINDS: tuple[str, ...] = get_args(Kind)
OTHERS: tuple[str, ...] = get_args(Other)
SIDE = (
    *("current_price", "price", "action", "reason", "landed_cost", "competitor_price"),
    *("elasticity", "elasticity_lo", "elasticity_hi", "evidence", "binding_rules", "sold"),
)
"""Columns of one run."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which of the products.

    other   the run to compare with: the last one of the whole shop that was made before, where it is left out
    kind    what became of the proposal: every product for which it is another, where it is left out
    what    something that must be other with it;  search: any part of SKU or name
    """

    other: str = ""
    kind: Literal["", "higher", "lower", "held", "freed", "new", "gone", "same"] = ""
    what: Literal["", "shop_price", "cost", "competitor", "response", "evidence", "sales", "rules"] = ""
    search: str = ""
    page: int = 1


class Said(msgspec.Struct, frozen=True):
    """What one of the runs had of a product: minor units; elasticity with its 90 % interval; sold: units a day in the DAYS before it."""

    current_price: int | None
    price: int | None
    action: str
    reason: str
    landed_cost: float | None
    competitor_price: float | None
    elasticity: float | None
    elasticity_lo: float | None
    elasticity_hi: float | None
    evidence: str
    binding_rules: str
    sold: float | None


class Product(msgspec.Struct, frozen=True):
    """One product. before, after: None where that run does not have it.

    kind    `higher`, `lower`: another price is wanted; `held`, `freed`: it is held now, and was then; `new`, `gone`; `same`
    others  what is other with it, of OTHERS;  change: of the price that is wanted, as a share of what was, None where one side has none
    """

    sku: str
    channel: str
    region: str
    name: str | None
    kind: Kind
    change: float | None
    others: list[Other]
    before: Said | None
    after: Said | None


class TwoRuns(msgspec.Struct, frozen=True):
    """`run` after `other`. other: None where there is no earlier run, and nothing to compare.

    kinds, others   products of each, filters aside; others only of products for which another price is wanted, or that are held or freed
    joint, other_joint  what all changes of each run together were to bring, major units a day
    settings        settings that decide prices and differ;  code: the two were made by different versions of this code
    days            before each run, over which sold units are averaged;  runs: that may be compared with, the newest first
    """

    run: str
    as_of: dt.date
    currency: str
    wanted: Wanted
    other: str | None = None
    other_as_of: dt.date | None = None
    joint: float | None = None
    other_joint: float | None = None
    settings: list[Setting] = []
    code: bool = False
    kinds: dict[str, int] = {}
    others: dict[str, int] = {}
    rows: list[Product] = []
    found: int = 0
    pages: int = 1
    days: int = DAYS
    runs: list[str] = []


def two_runs(reading: Reading, name: str, wanted: Wanted) -> TwoRuns:
    """Raises UnknownChoice for runs that are not there, UsageError where their currencies differ."""
    run = reading.run(name)
    known = reading.made().filter(pl.col("kind") == "price", pl.col("run") != name, pl.col("currency") == run.currency)["run"].to_list()
    chosen = wanted.other or run_before(reading, name)
    if chosen is None:
        return TwoRuns(name, run.as_of, run.currency, wanted, runs=known[-RUNS:][::-1])
    other = reading.run(chosen)
    if other.currency != run.currency:
        raise UsageError(f"run {chosen} is in {other.currency}, run {name} in {run.currency}", hint="choose runs in one currency")
    table: pl.DataFrame = reading.shelf("two_runs").get(f"{chosen} {name}", lambda _: laid(reading, other, run))
    found = table.filter(_tests(wanted))
    pages = max(-(-found.height // PAGE), 1)
    shown = found.slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE)
    return TwoRuns(
        name, run.as_of, run.currency, wanted, chosen, other.as_of, _joint(reading, name), _joint(reading, chosen),
        [one for one in differing(flat(other.policy), flat(run.policy)) if one.place.partition(".")[0] in SETTINGS],
        run.row["code"] != other.row["code"],
        {one: count for one in KINDS if (count := table.filter(pl.col("kind") == one).height)},
        {one: count for one in OTHERS if (count := table.filter(DIFFERS, pl.col("others").list.contains(one)).height)},
        [_product(row) for row in shown.iter_rows(named=True)], found.height, pages, runs=known[-RUNS:][::-1],
    )  # fmt: skip


def run_before(reading: Reading, name: str) -> str | None:
    """The last run of the whole shop made before this one, in the same currency."""
    made = reading.last_made(name)
    same = (pl.col("kind") == "price") & (pl.col("currency") == made["currency"])
    earlier = reading.made().filter(same, pl.col("seq") < made["seq"], pl.col("run") != name)
    return None if earlier.is_empty() else str(earlier["run"][-1])


DIFFERS = pl.col("kind").is_in(["higher", "lower", "held", "freed"])
"""Products that both runs have and about which they say otherwise."""


def laid(reading: Reading, before: Run, after: Run) -> pl.DataFrame:
    """Key, `name`, `kind`, `change`, `others`, and the columns SIDE with `_before` and `_after`; the largest change first."""
    sides = [
        _side(reading, run).rename({one: f"{one}_{end}" for one in (*SIDE, "name")}) for run, end in ((before, "before"), (after, "after"))
    ]
    both = sides[0].join(sides[1], on=KEY, how="full", coalesce=True)
    wanted = [_wanted(end) for end in ("before", "after")]
    change = (wanted[1] / wanted[0] - 1.0).fill_nan(None)
    both = both.with_columns(name=pl.coalesce("name_after", "name_before"), kind=_kind(*wanted), change=change)
    others = pl.concat_list([pl.when(test.fill_null(False)).then(pl.lit(one)) for one, test in _differences().items()]).list.drop_nulls()
    size = pl.col("change").abs()
    return both.with_columns(others=others).sort(size, *KEY, descending=[True, False, False, False], nulls_last=True)


def _side(reading: Reading, run: Run) -> pl.DataFrame:
    columns = [name for name in SIDE if name != "sold"]
    known = run.decided.select(*KEY, "name", *(pl.col(one) for one in columns))
    known = known.with_columns(pl.col("landed_cost", "competitor_price").cast(pl.Float64)).with_columns(pl.col(pl.Float64).fill_nan(None))
    sold = side(reading, run).select(*KEY, sold=pl.col("units").fill_null(0.0))
    return known.join(sold, on=KEY, how="left", maintain_order="left")


def _wanted(end: str) -> pl.Expr:
    """The price that a run wants a product to have: today's where it proposes none."""
    return pl.coalesce(f"price_{end}", f"current_price_{end}").cast(pl.Float64)


def _kind(before: pl.Expr, after: pl.Expr) -> pl.Expr:
    held = [pl.col(f"action_{end}") == "hold" for end in ("before", "after")]
    return (
        pl.when(pl.col("action_before").is_null()).then(pl.lit("new"))
        .when(pl.col("action_after").is_null()).then(pl.lit("gone"))
        .when(held[1] & ~held[0]).then(pl.lit("held"))
        .when(held[0] & ~held[1]).then(pl.lit("freed"))
        .when(held[0] & held[1]).then(pl.lit("same"))
        .when(after > before).then(pl.lit("higher"))
        .when(after < before).then(pl.lit("lower"))
        .otherwise(pl.lit("same"))
    )  # fmt: skip


def _differences() -> Mapping[str, pl.Expr]:
    """Tests by the name of what is other; null where one side has no such thing."""
    moved = {name: (pl.col(f"{name}_after") - pl.col(f"{name}_before")).abs() for name in ("elasticity", "sold")}
    told = pl.col("action_before").is_not_null() & pl.col("action_after").is_not_null()
    return {
        "shop_price": told & _other("current_price"),
        "cost": told & _other("landed_cost"),
        "competitor": told & _other("competitor_price"),
        "response": moved["elasticity"] > RESPONSE * pl.col("elasticity_before").abs(),
        "evidence": told & _other("evidence"),
        "sales": moved["sold"] > SALES * pl.col("sold_before"),
        "rules": told & _other("binding_rules"),
    }


def _other(name: str) -> pl.Expr:
    return pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after"))


def _tests(wanted: Wanted) -> list[pl.Expr]:
    kind = pl.col("kind") == wanted.kind if wanted.kind else pl.col("kind") != "same"
    what = [pl.col("others").list.contains(wanted.what)] if wanted.what else []
    return [kind, *what, *searched(wanted.search)]


def _product(row: Mapping[str, object]) -> Product:
    said = [
        None if row[f"action_{end}"] is None else Said(**{name: row[f"{name}_{end}"] for name in SIDE})  # type: ignore[arg-type]
        for end in ("before", "after")
    ]
    told = {name: row[name] for name in (*KEY, "name", "kind", "change", "others")}
    return Product(**told, before=said[0], after=said[1])  # type: ignore[arg-type]


def _joint(reading: Reading, name: str) -> float | None:
    return reading.made().filter(pl.col("run") == name).select(JOINT.alias("joint"))["joint"][0]  # type: ignore[no-any-return]
