"""The price table of a run: filtered, searched, sorted, grouped, and cut into pages before it leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import EVIDENCE
from pricesmith.flows.desk.approval.brought import Brought, brought
from pricesmith.flows.desk.approval.foreseen import GUARD, Foreseen, ForeseenHold, Known, foreseen, guarded, known, reasons
from pricesmith.flows.desk.approval.standing import STATES, standing
from pricesmith.flows.desk.approval.turned_down import UNDECIDED, turned_down
from pricesmith.flows.desk.own_prices.own import Own, overrides_of, own_of
from pricesmith.flows.desk.product.why import shared
from pricesmith.flows.desk.publishing.since import InShop, in_shop
from pricesmith.flows.desk.reading.ledger import KEY, NAMED, Reading, Run
from pricesmith.flows.desk.runs.in_force import Behind, behind
from pricesmith.flows.near import natural, searched
from pricesmith.flows.publishing.history.making import AGAIN

from .because import Because, because
from .ends import with_endings
from .grouping import Group, grouped
from .least import amount, steps
from .margins import MARGINS, with_margins

PAGE, MOST, CELLS = 50, 200, 2_150
"""Rows of a page by itself and at most, and cells of one: a page with many columns has fewer rows."""
SHOWN = ("name", "current_price", "price", "move", "profit_change", "elasticity", "evidence", "reason", "state")
"""Columns of the table where nobody chose others."""
ALWAYS = (*KEY, "action")
COLUMNS = (
    *("name", "brand", "category", "family", "role", "current_price", "price", "move", "profit_change", "profit_change_lo"),
    "profit_change_hi",
    *("expected_units", "expected_revenue", "expected_profit", "elasticity", "elasticity_lo", "elasticity_hi", "evidence", "reason"),
    *("binding_rules", "landed_cost", *MARGINS, "competitor_price", "on_hand", "needs", "agreed", "state", GUARD),
)
"""Columns to choose from: of the price list, of the product, and where the change stands."""
PLACES = ("channel", "region")
"""Filtered and grouped by where there are several."""
TYPED = ("brand", "family", "role", *PLACES)
"""Columns of the shop's own values, of which there may be hundreds: part of one finds all that hold it."""
EXACT = ("action", "state", "evidence", "reason", *TYPED, GUARD)
"""Columns that are filtered by a whole value."""
CHOICES = 200
"""Values offered to filter by, the most frequent ones."""
LOSES = (pl.col("action") == "change") & (pl.col("profit_change") < 0)
"""Changes that are expected to lose profit by themselves."""
MAY_LOSE = (pl.col("action") == "change") & (pl.col("profit_change") >= 0) & (pl.col("profit_change_lo") < 0)
"""Changes that are not expected to lose, but may: their interval reaches below zero."""
GAINS = (pl.col("action") == "change") & (pl.col("profit_change_lo") > 0)
"""Changes that gain as surely as their interval says."""
HELD = pl.col(GUARD).is_not_null()
"""Changes that a guard would hold as they are."""
NOT_HELD = (pl.col("action") == "change") & ~HELD
"""Changes that no guard would hold as they are, as far as that is known."""
TURNED_DOWN = (pl.col("action") == "change") & pl.col("turned_down") & UNDECIDED
"""Changes that nobody has accepted, of products that were rejected in an earlier run."""
AT_A_LOSS = (pl.col("action") != "change") & (pl.col("expected_profit") < 0)
"""Products whose price stays though every unit is expected to be sold below what it costs."""
OUTSIDE = pl.col("reason").is_in(["stays_below", "stays_above"])
"""Prices that stay though they break a limit of their rules, as rules over several products leave no other."""
OUTLOOKS = {
    "gains": GAINS,
    "loses": LOSES,
    "may_lose": MAY_LOSE,
    "held": HELD,
    "not_held": NOT_HELD,
    "turned_down": TURNED_DOWN,
    "at_a_loss": AT_A_LOSS,
    "outside": OUTSIDE,
}
SIZES = {"move", "profit_change"}
"""Columns that sort by size, whichever sign."""


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which products. Text matches exactly; `category` also what lies below it; `search` any part of SKU, name, brand, channel, region;
    of TYPED a text that is no whole value finds all that hold it.

    outlook  `gains`: changes whose 90 % interval of profit lies above zero; `loses`: changes that are expected to lose profit by
             themselves; `may_lose`: others whose interval of profit reaches below zero; `held`: changes that a guard would hold as they
             are; `not_held`: the other changes; `turned_down`: changes that wait, of products that were rejected in an earlier run;
             `at_a_loss`: products that are sold below cost and whose price stays; `outside`: prices that stay though they break a limit
    guard    that would hold the change, and its code: `G3 step`
    least    major units a day: changes that are expected to bring so much profit at least
    """

    search: str = ""
    action: Literal["", "change", "keep", "hold"] = ""
    state: str = ""
    category: str = ""
    channel: str = ""
    region: str = ""
    evidence: str = ""
    reason: str = ""
    rule: str = ""
    direction: Literal["", "up", "down"] = ""
    least: str = ""
    outlook: Literal["", "gains", "loses", "may_lose", "held", "not_held", "turned_down", "at_a_loss", "outside"] = ""
    guard: str = ""


class Wanted(Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What of the table is asked for."""

    run: str = ""
    brand: str = ""
    family: str = ""
    role: str = ""
    group: Literal["", "category", "brand", "family", "role", "channel", "region", "evidence", "reason", "state", "action"] = ""
    sort: str = "profit_change"
    order: Literal["down", "up"] = "down"
    columns: list[str] = []
    page: int = 1
    size: int = PAGE


class View(msgspec.Struct, frozen=True):
    """A question that somebody keeps under a name. query: of the address of this page."""

    handle: str
    name: str
    query: str


class Prices(msgspec.Struct, frozen=True):
    """One page of the table. Prices and costs in minor units, expectations in major units a day.

    rows      a dict a product: ALWAYS and the chosen columns, `own`: the price that a person set beside the run,
              `in_shop`: what the shop has now and the run could not know, `held`: why a guard would hold the change,
              `carried`: the run that brings the very price already, and with the reason `because`: what sets the price apart,
              `ends_otherwise`: it stays though it ends otherwise than a rule asks of new prices
    found     products that the filters let through;  of: products of the run;  changes: changes among those found
    choices   values that can be filtered by, with the number of products of the run, the most frequent first, categories as a tree
    groups    a page of them instead of rows where `wanted.group` asks for them; the last one, "*", is the sum of all
    views     what who asks has kept
    shared    names of the rules over several products, under which one price may make room for another
    askers    who may not accept prices of the run, for they asked for them
    joint     these are all changes of the newest run of the whole shop, whose joint effect Today shows
    foreseen  what guards would hold of the whole run;  behind: whether a newer run or other rules overtook it
    """

    run: str
    as_of: dt.date | None = None
    currency: str = ""
    wanted: Wanted = Wanted()
    columns: list[str] = []
    rows: list[dict[str, Any]] = []
    found: int = 0
    of: int = 0
    changes: int = 0
    profit_change: float = 0.0
    pages: int = 1
    choices: dict[str, dict[str, int]] = {}
    groups: list[Group] = []
    views: list[View] = []
    offered: tuple[str, ...] = COLUMNS
    shared: list[str] = []
    askers: list[str] = []
    joint: bool = False
    foreseen: Foreseen = Foreseen()
    behind: Behind = Behind(None, False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a question finds, kept while people turn its pages.

    order          row numbers of the table, in the order that is wanted
    profit_change  of the changes among them, major units a day
    """

    order: pl.Series
    changes: int
    profit_change: float


def prices(reading: Reading, wanted: Wanted, at: dt.datetime) -> Prices:
    """Raises UnknownChoice for a run or a column that is not there."""
    name = wanted.run or reading.latest()
    if name is None:
        return Prices("")
    run = reading.run(name)
    columns, held = chosen(wanted), known(reading, run, at)
    state = stamp(reading, run, at, held)
    table = reading.shelf("prices", 6).get(state, lambda _state: _table(reading, run, at, held))
    found = reading.shelf("found", 16).get(f"{state} {_question(wanted)}", lambda _asked: _found(table, wanted))
    size = min(max(wanted.size, 1), MOST, CELLS // (len(columns) + 2))
    pages = -(-len(found.order) // size)
    start = (min(max(wanted.page, 1), max(pages, 1)) - 1) * size
    shown = table[found.order.slice(start, size)] if not wanted.group else table.clear()
    offered = reading.shelf("choices", 6).get(state, lambda _state: choices(table))
    now, carried = in_shop(reading, run, shown, at), brought(reading, run, shown, at)
    rows = _shown(shown, columns, own_of(reading, run, at), overrides_of(run.row), now, reasons(held, shown), carried)
    if "reason" in columns:
        rows = with_endings(run, shown, _told(rows, because(reading, name, shown)))
    groups, pages = grouped(filtered(table, wanted), wanted.group, wanted.category, wanted.page) if wanted.group else ([], max(pages, 1))
    return Prices(
        name, run.as_of, run.currency, wanted, columns, rows, len(found.order), table.height, found.changes,
        found.profit_change, pages, offered, groups, shared=shared(run.policy.rules), askers=reading.askers(name),
        joint=name == reading.latest() and found.changes == int((table["action"] == "change").sum()),
        foreseen=foreseen(reading, run, at), behind=behind(reading, name),
    )  # fmt: skip


def _question(wanted: Wanted) -> list[object]:
    """What of a question decides which products are found, and in which order."""
    return [getattr(wanted, name) for name in Wanted.__struct_fields__ if name not in ("group", "columns", "page", "size")]


def _found(table: pl.DataFrame, wanted: Wanted) -> Found:
    numbered = filtered(table.with_row_index("row"), wanted)
    changed = numbered.filter(pl.col("action") == "change")
    return Found(numbered["row"][places(numbered, wanted)], changed.height, float(changed["profit_change"].sum()))


def _shown(
    table: pl.DataFrame,
    columns: list[str],
    own: Mapping[Key, Own],
    set_: Collection[Key],
    now: Mapping[Key, InShop],
    held: Mapping[Key, ForeseenHold],
    carried: Mapping[Key, Brought],
) -> list[dict[str, Any]]:
    """No rule is said to have stopped a price that a person set."""
    rows = []
    for row in table.select(list(dict.fromkeys([*ALWAYS, *columns]))).to_dicts():
        key = Key(row["sku"], row["channel"], row["region"])
        freed = {"binding_rules": ""} if key in set_ and "binding_rules" in row else {}
        rows.append({**row, **freed, "own": own.get(key), "in_shop": now.get(key), "held": held.get(key), "carried": carried.get(key)})
    return rows


def _told(rows: list[dict[str, Any]], known: Mapping[Key, Because]) -> list[dict[str, Any]]:
    return [{**row, "because": known.get(Key(row["sku"], row["channel"], row["region"]))} for row in rows]


def chosen(wanted: Wanted) -> list[str]:
    """Columns that are asked for, those of SHOWN where none is. Raises UnknownChoice for one that is not there, or a sort by one."""
    columns = list(dict.fromkeys(wanted.columns)) or list(SHOWN)
    for column in (*columns, wanted.sort):
        if column not in (*COLUMNS, *ALWAYS):
            raise UnknownChoice("column", column, COLUMNS)
    return columns


def table_of(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """Every product of the run with all of COLUMNS."""
    held = known(reading, run, at)
    made: pl.DataFrame = reading.shelf("prices", 6).get(stamp(reading, run, at, held), lambda _state: _table(reading, run, at, held))
    return made


def stamp(reading: Reading, run: Run, at: dt.datetime, held: Known) -> str:
    """What the standing of a run's changes hangs on, and what guards would hold: while it is the same, the table is."""
    valid = reading.rows("verdicts").filter((pl.col("run") == run.name) & (pl.col("expires") > at)).height
    last = reading.rows("audit").filter(pl.col("act") == AGAIN)["seq"].max()
    rows = [reading.rows(table).height for table in ("verdicts", "intents", "receipts")]
    return " ".join(map(str, [run.name, last, valid, *rows, held.stamp]))


def _table(reading: Reading, run: Run, at: dt.datetime, held: Known) -> pl.DataFrame:
    where = standing(reading, run, at).select(*KEY, "needs", "agreed", "state")
    missing = [pl.lit(None, dtype=pl.String).alias(column) for column in NAMED if column not in run.decided.columns]
    table = run.decided.with_columns(missing).join(where, on=KEY, how="left", maintain_order="left")
    before = turned_down(reading, run).with_columns(turned_down=True)
    table = table.join(before, on=KEY, how="left", maintain_order="left").with_columns(pl.col("turned_down").fill_null(False))
    return with_margins(table.join(guarded(held, standing(reading, run, at)), on=KEY, how="left", maintain_order="left"))


def filtered(table: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """Raises UnknownChoice for a state or a grade that is none."""
    for kind, value, valid in (("state", wanted.state, STATES), ("evidence", wanted.evidence, EVIDENCE)):
        if value and value not in valid:
            raise UnknownChoice(kind, value, valid)
    tests = [test for name in EXACT if (value := getattr(wanted, name)) for test in _of_value(table, name, value)]
    if wanted.category:
        tests.append((pl.col("category") == wanted.category) | pl.col("category").str.starts_with(wanted.category + "/"))
    if wanted.rule:
        tests.append(pl.col("binding_rules").str.split(";").list.contains(wanted.rule))
    if wanted.direction:
        up = pl.col("price") > pl.col("current_price")
        tests += [pl.col("action") == "change", up if wanted.direction == "up" else ~up]
    if wanted.outlook:
        tests.append(OUTLOOKS[wanted.outlook])
    if wanted.least:
        tests += [pl.col("action") == "change", pl.col("profit_change") >= amount(wanted.least)]
    tests += searched(wanted.search, "sku", "name", "brand", *PLACES)
    return table.filter(tests) if tests else table


def _of_value(table: pl.DataFrame, name: str, value: str) -> list[pl.Expr]:
    """Tests that rows pass which have this value, or of TYPED one that holds its words where none is just that."""
    exact = pl.col(name) == value
    return [exact] if name not in TYPED or table.select(exact.any()).item() else searched(value, name)


def ordered(table: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    by = pl.col(wanted.sort).abs() if wanted.sort in SIZES else pl.col(wanted.sort)
    down = wanted.order == "down"
    return table.sort(by, *KEY, descending=[down, False, False, False], nulls_last=True)


def places(table: pl.DataFrame, wanted: Wanted) -> pl.Series:
    """Row numbers of a table in the order that is wanted: only what is sorted by is moved, not whole rows."""
    narrow = table.select(list(dict.fromkeys([*KEY, wanted.sort]))).with_row_index("place")
    return ordered(narrow, wanted)["place"]


def choices(table: pl.DataFrame) -> dict[str, dict[str, int]]:
    """What the run's products can be filtered by."""
    found = {"category": categories(table)}
    for name in EXACT:
        counts = (
            table.filter(pl.col(name).is_not_null() & (pl.col(name) != "")).group_by(name).len().sort("len", name, descending=[True, False])
        )
        found[name] = dict(counts.head(CHOICES).iter_rows())
    for name in PLACES:
        found[name] = dict(sorted(found[name].items(), key=lambda one: natural(one[0]))) if len(found[name]) > 1 else {}
    rules = table.select(pl.col("binding_rules").str.split(";").alias("rule")).explode("rule").filter(pl.col("rule") != "")
    outlooks = {name: table.filter(test).height for name, test in OUTLOOKS.items()}
    found["outlook"] = {name: number for name, number in outlooks.items() if number and (name != "not_held" or outlooks["held"])}
    found["least"] = steps(table)
    return {**found, "rule": dict(rules.group_by("rule").len().sort("len", "rule", descending=[True, False]).iter_rows())}


def categories(table: pl.DataFrame) -> dict[str, int]:
    """Every category that has products in or below it, each before those below it; of too many the ones with most products."""
    parts = table.select(pl.col("category").filter(pl.col("category") != "").str.split("/").alias("parts"))["parts"]
    deepest = int(parts.list.len().max() or 0)  # type: ignore[arg-type]
    levels = [parts.filter(parts.list.len() >= level).list.head(level).list.join("/") for level in range(1, deepest + 1)]
    if not levels:
        return {}
    counts = pl.concat(levels).rename("category").value_counts(name="len").sort("len", "category", descending=[True, False])
    return dict(counts.head(CHOICES).sort(pl.col("category").str.replace_all("/", "\x00")).iter_rows())
