"""Raw tables of a shop -> Prepared: validated, cross-checked, with the data report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import LargeTable, RawTable
from pricesmith.contracts.tables import INPUT, PRODUCTS, SALES, Table

from .orders import to_sales
from .prepared import QUARANTINE, SALE_KEY, Counts, Prepared, Warning_, warn
from .reduce import can_reduce, reduce
from .report import report
from .times import local_date
from .validate import Checked, column_warnings, repeat_warnings, validate
from .weekly import Weekly

MOSTLY = 0.5
"""Share of bad rows beyond which it is the whole file that is wrong."""


def prepare(raw: Mapping[str, RawTable | None], policy: Policy) -> Prepared:
    """Validate every table of a shop.

    raw  raw rows by table name; None or absent where the shop has no such table
    Raises DataError where a table lacks a required column, where there are no products, or neither sales nor orders.
    """
    _require_tables(raw)
    large = _large(raw, policy)
    loaded = {name: table for name, table in raw.items() if table is not None and (large is None or name != SALES.name)}
    checked = {name: validate(INPUT[name], table, policy.timezone) for name, table in loaded.items()}
    known, barred = checked["products"].accepted["sku"], _barred(checked["products"])
    checked = {name: _known_products(name, one, raw[name], known, barred) for name, one in checked.items()}
    parts = {name: Part(_counts(one), one.quarantine, one.warnings) for name, one in checked.items()}
    tables = {name: checked[name].accepted if name in checked else table.empty() for name, table in INPUT.items()}
    weekly, derived = None, raw.get("sales") is None
    if large is not None:
        weekly, unknown, parts["sales"] = _in_parts(large, known, barred, policy)
    else:
        tables["sales"] = to_sales(tables["orders"], policy.timezone) if derived else tables["sales"]
        unknown = _unknown_keys(checked, tables["sales"], policy.timezone)
    counts = {name: parts[name].counts for name in raw if name in parts}
    own = [entry for name in counts for entry in parts[name].warnings]
    listed = [*_blocking(counts, parts, policy.data.max_bad_share), *own, *_missing(raw)]
    quarantine = pl.concat([pl.DataFrame(schema=QUARANTINE), *(parts[name].quarantine for name in sorted(parts))])
    prepared = Prepared(tables, quarantine, counts, listed, False, unknown, derived, weekly, barred)
    warnings = listed + report(prepared, policy, checked.get("sales"))
    return replace(prepared, warnings=warnings, blocked=any(warning["level"] == "blocking" for warning in warnings))


def unusable(table: Table, raw: RawTable, products: RawTable | None, timezone: str) -> pl.DataFrame:
    """Rows of one table, schema QUARANTINE, that `prepare` sets aside; those about products that are not there only beside `products`."""
    one = validate(table, raw, timezone)
    if products is None:
        return one.quarantine
    listed = validate(PRODUCTS, products, timezone)
    return _known_products(table.name, one, raw, listed.accepted["sku"], _barred(listed)).quarantine


@dataclass(frozen=True, slots=True)
class Part:
    """What one table contributes to the whole."""

    counts: Counts
    quarantine: pl.DataFrame
    warnings: list[Warning_]


def _large(raw: Mapping[str, RawTable | None], policy: Policy) -> LargeTable | None:
    """The sales table where it is to be read in parts. Rows that total a month cannot be told apart by week."""
    table = raw.get("sales")
    return table if isinstance(table, LargeTable) and policy.period != "month" and can_reduce(table) else None


def _in_parts(large: LargeTable, known: pl.Series, barred: Mapping[str, str], policy: Policy) -> tuple[Weekly, pl.DataFrame, Part]:
    reduced = reduce(large, known, policy.timezone, barred)
    bad = reduced.quarantine.height
    warnings = column_warnings(SALES, large.schema.names()) + repeat_warnings(SALES, reduced.repeated) + _weekly(reduced.rows, policy)
    return reduced.weekly, reduced.unknown, Part(Counts(reduced.rows, reduced.rows - bad, bad), reduced.quarantine, warnings)


def _weekly(rows: int, policy: Policy) -> list[Warning_]:
    """Daily sales that are worked on by week."""
    if policy.period != "day":
        return []
    message = (
        f"sales: {rows} rows are too many to be kept by day, so they are added up by week: demand is learned and forecast by week, "
        'and only from weeks that are over; a shorter history keeps period = "day"'
    )
    return [warn("summed_by_week", SALES.name, "warning", message, rows)]


def _counts(one: Checked) -> Counts:
    return Counts(one.source.height, one.source.height - one.quarantine.height, one.quarantine.height)


def _require_tables(raw: Mapping[str, RawTable | None]) -> None:
    if raw.get("products") is None:
        raise DataError("there is no table `products`", where="data/", hint="write data/products.csv with a column sku")
    if raw.get("sales") is None and raw.get("orders") is None:
        raise DataError("there is neither `sales` nor `orders`", where="data/", hint="write data/sales.csv with date, sku, units, price")


def _barred(products: Checked) -> dict[str, str]:
    """Products whose own row was set aside, and the place of the first such row."""
    places = products.source.select("_row", "_file", "_line")
    rows = products.bad.select("_row", "sku").drop_nulls().join(places, on="_row").sort("_file", "_line", descending=True)
    known = set(products.accepted["sku"])
    return {sku: f"{file}:{line}" for sku, file, line in rows.select("sku", "_file", "_line").iter_rows() if sku not in known}


def _known_products(name: str, one: Checked, raw: RawTable | None, known: pl.Series, barred: Mapping[str, str]) -> Checked:
    """Rows about products that the product table does not have, or whose row in it was set aside, go to quarantine."""
    if raw is None or name == "products" or "sku" not in INPUT[name].by_name:
        return one
    strange = ~one.accepted["sku"].is_in(known.implode())
    if not strange.any():
        return one
    return one.unknown(strange, barred)


def _unknown_keys(checked: Mapping[str, Checked], sales: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Keys of sales rows in quarantine that no accepted row fills, and days of orders that a bad line leaves incomplete."""
    name = "sales" if "sales" in checked else "orders"
    bad = checked[name].bad
    if not bad.height:
        return SALES.empty().select(SALE_KEY)
    if name == "orders":
        return bad.with_columns(local_date(pl.col("at"), timezone).alias("date")).select(SALE_KEY).drop_nulls().unique().sort(SALE_KEY)
    return bad.select(SALE_KEY).drop_nulls().unique().join(sales, on=SALE_KEY, how="anti").sort(SALE_KEY)


def _blocking(counts: Mapping[str, Counts], parts: Mapping[str, Part], allowed: float) -> list[Warning_]:
    """Tables with more bad rows than the policy allows; where most are bad, that is no matter of how many are allowed."""
    found = []
    for name, count in counts.items():
        if count.quarantined > allowed * count.rows:
            share = count.quarantined / count.rows
            message = (
                f"{name}: {count.quarantined} of {count.rows} rows ({share:.1%}) cannot be used, more than {allowed:.0%}; "
                "mend them, or raise data.max_bad_share in shop.toml"
            )
            if share > MOSTLY:
                place, column = _first(parts[name].quarantine)
                message = (
                    f"{name}: {count.quarantined} of {count.rows} rows ({share:.1%}) cannot be used, so the file is written in a way that "
                    f"is not understood; look at the first one, {place} ({column}), and mend what is alike in all of them"
                )
            found.append(warn("too_many_bad_rows", name, "blocking", message, count.quarantined))
    return found


def _first(quarantine: pl.DataFrame) -> tuple[str, str]:
    """Place and column of the first row that was set aside."""
    file, line, column = quarantine.sort("file", "line").select("file", "line", "column").row(0)
    return f"{file}:{line}", column or "row"


def _missing(raw: Mapping[str, RawTable | None]) -> list[Warning_]:
    """Optional tables that the shop lacks, with what each would add; of `sales` and `orders` one is enough."""
    absent = [table for name, table in INPUT.items() if raw.get(name) is None and name not in (SALES.name, "orders")]
    return [warn("missing_table", table.name, "info", f"{table.name}: not given; it would add {table.adds}", 1) for table in absent]
