"""Whether a file can be read as somebody said: each choice needs others, and none may speak against another."""

from __future__ import annotations

from pathlib import Path

from pricesmith.contracts import exports
from pricesmith.contracts.errors import DataError, UnknownChoice
from pricesmith.contracts.exports import plain
from pricesmith.contracts.tables import COMPETITOR_PRICES, COSTS, INPUT

from .case_units import COST
from .cost_columns import TABLES as WITH_COSTS
from .foreign import Reading, look, values
from .last_days import TABLES
from .margins import in_percent
from .rivals import COLUMN as COMPETITOR
from .suspects import no_percent

UNDATED = "costs that do not say from which day on they hold belong in the table products, as unit_cost: import the file as that"

UNNAMED = "name the competitor whose prices they are, or choose the column that names one"
HINTS: dict[tuple[str, ...], str] = {(COSTS.name, "valid_from"): UNDATED, (COMPETITOR_PRICES.name, COMPETITOR): UNNAMED}
"""A table and the one column that it lacks -> what to do."""


def check(path: Path, table: str, how: Reading) -> None:
    """Raises DataError where a file cannot be read so, whatever stands in its rows."""
    strange = [name for name in how.columns if name not in INPUT[table].by_name]
    if strange:
        raise UnknownChoice("column", strange[0], INPUT[table].by_name)
    lacking = [name for name in INPUT[table].lacking(how.columns) if not (name == COMPETITOR and how.competitor)]
    if lacking:
        hint = HINTS.get((table, *lacking)) or _lacking(path, table, how)
        raise DataError(f"no column of the file was chosen for {', '.join(lacking)}", hint=hint)
    chosen = [*how.paired.values(), *how.promos, *([how.pack] if how.pack else [])]
    twice = sorted({header for header in chosen if chosen.count(header) > 1})
    if twice:
        raise DataError(f"column {twice[0]} was chosen twice", hint="each column of the file is one of ours")
    odd = sorted(name for name in how.percent if name not in INPUT[table].by_name or INPUT[table].by_name[name].kind != "fraction")
    if odd:
        raise DataError(f"{odd[0]} is no column of shares of the table {table}", hint="only shares can be read as percent")
    if how.amounts and not {"price", "units"} <= how.columns.keys():
        raise DataError("amounts need a column of units too", hint="choose one for units, or say that the column holds prices of one unit")
    if how.discount and not {"price", "units"} <= how.columns.keys():
        raise DataError("a discount needs columns of price and units too", hint="choose one for each, or take nothing off")
    if how.pack and COST not in how.columns:
        what = "only costs are divided by the units in a case, and no column of the file was chosen for unit_cost"
        raise DataError(what, hint="choose the column of what a case costs, or divide by nothing")
    if how.ends != "first" and table not in TABLES:
        raise DataError("only rows of sales total weeks or months", hint="say that a date is the day itself")
    if how.cancelled and not how.joins:
        what, hint = (
            "what was cancelled is told by the first row of those that belong together",
            "choose their column, or leave nothing out",
        )
        raise DataError(what, hint=hint)
    _check_percent(path, how)
    _check_cost(path, table, how)
    _check_rival(path, how)


def _check_rival(path: Path, how: Reading) -> None:
    """Refuse one competitor's name above another one's prices, where each has a column of its own."""
    price, said = how.columns.get("price", ""), plain(how.competitor)
    if not how.competitor or said == plain(price):
        return
    others = [header for header in look(path, how.encoding, how.delimiter).headers if header != price and plain(header) == said]
    if others:
        what = f"the prices are those of column {price}, but {others[0]} is a column of its own"
        raise DataError(what, hint="name the competitor whose prices they are, or choose its column for the price")


def _check_cost(path: Path, table: str, how: Reading) -> None:
    """Refuse a column of costs where none can be read, and one that is not written as was said."""
    if not how.cost:
        return
    if table not in WITH_COSTS:
        raise DataError("only rows of sales or orders tell costs", hint="choose no column that tells them")
    seen = look(path, how.encoding, how.delimiter)
    if how.cost not in seen.headers:
        raise DataError(f"the file has no column {how.cost}", hint="choose one of its headers")
    cells = values(path, seen, how.cost)
    shares = no_percent(cells) if how.cost_as == "percent" else ""
    if shares:
        what = f"column {how.cost} holds shares, such as {shares}, not percent: no number in it is above 1"
        raise DataError(what, hint="take it as a share")
    if how.cost_as == "share" and in_percent(cells):
        raise DataError(f"column {how.cost} holds percent: most of its numbers are above 1, or have the sign", hint="take it as percent")


def _lacking(path: Path, table: str, how: Reading) -> str:
    """What to do where needed columns are not there: the export of a shop program may have been sent for the wrong table."""
    export = exports.told(exports.spelled_by(look(path, how.encoding, how.delimiter).headers))
    if export is None or export.table == table:
        return "choose one for each that is needed"
    return f"it looks like the export of {export.table} of {export.program}: import it as the table {export.table}"


def _check_percent(path: Path, how: Reading) -> None:
    """Refuse to divide shares by 100."""
    if not how.percent:
        return
    seen = look(path, how.encoding, how.delimiter)
    for column in sorted(how.percent):
        header = how.columns.get(column, "")
        value = no_percent(values(path, seen, header)) if header in seen.headers else ""
        if value:
            raise DataError(
                f"column {header} holds shares, such as {value}, not percent: no number in it is above 1", hint="take it as a share"
            )
