"""A column in a file of sales or order lines that tells costs: what the units of a row cost, or the gross margin of its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import msgspec

from pricesmith.contracts.exports import plain, words
from pricesmith.contracts.tables import ORDERS, SALES, TOLD_COSTS

from . import margins
from .headers import KNOWN, bare
from .suspects import as_amounts

Way = Literal["share", "percent", "each", "row"]
"""What it holds: gross margins of the price as shares or in percent, the cost of one unit, or that of all units of the row."""
WAYS: tuple[Way, ...] = get_args(Way)
MARGIN, COST = TOLD_COSTS
WRITTEN: dict[Way, str] = {"share": MARGIN, "percent": MARGIN, "each": COST, "row": COST}
"""Under which name it stands in a table of sales or orders, beside the columns that these need: as a share, or as the cost of one unit."""
TABLES = (SALES.name, ORDERS.name)
_ROWS = (
    "costamount amountcost totalcost costtotal linecost linecosts extendedcost extcost costvalue cogsamount costofsales costofgoodssold "
    "goodscost itemcosttotal 成本金额 成本金額 成本额 成本額 总成本 總成本 销售成本 銷售成本 成本合计 成本合計 "
    "gesamtkosten einstandswert ekwert wareneinsatzwert ekbetrag coûttotal costetotal costototal custototal valorcusto "
    "importecoste kosztcałkowity wartośćzakupu kostentotaal inkoopwaarde totalekosten"
)
ROWS = frozenset(map(plain, _ROWS.split()))
"""Headers of what all units of a row cost, plain."""
EACH = frozenset(KNOWN["unit_cost"]) | {plain(COST)} | {"avgcost", "averagecost", "costperunit", "unitcogs", "landedcost"}
WHOLE = frozenset(
    {"amount", "total", "line", "row", "extended", "ext", "sum", "betrag", "gesamt", "summe", "montant", "importe", "importo"}
)
"""Words in a header that say that it is about all units."""


class CostColumn(msgspec.Struct, frozen=True):
    """Such a column of a file.

    header   "" where none is known;  way: what it probably holds, or what was said last;  offered: one may be chosen in this file
    example  what a row tells, where one does: [price, margin, the margin as a share, cost of one where no tax is in the price] of margins,
             [amount, units, cost of one] of amounts, [cost of one] else
    """

    header: str = ""
    way: Way = "share"
    example: list[str] = []
    offered: bool = False


def column_of(table: str, cells: Mapping[str, Sequence[str]], ours: Mapping[str, str], last: tuple[str, Way] | None) -> CostColumn:
    """The column that tells costs.

    cells  header -> its cells in the beginning of the file: those of `ours` and of every column that is none of ours
    ours   our column -> its header;  last: what was chosen last for such a file
    """
    if table not in TABLES:
        return CostColumn()
    free = [name for name in cells if name not in ours.values()]
    prices = cells.get(ours.get("price", ""), ())
    header = last[0] if last is not None else _named(free, cells, prices)
    if header not in cells:
        return CostColumn(offered=True)
    way = last[1] if last is not None else _way(header, cells, ours)
    return CostColumn(header, way, _example(header, way, cells, ours), True)


def costs_rows(header: str) -> bool:
    """Whether a header names what all units of a row cost."""
    return plain(header) in ROWS or bare(header) in ROWS


def costs_one(header: str) -> bool:
    """Whether a header names a cost."""
    return plain(header) in EACH or bare(header) in EACH


def _named(free: Sequence[str], cells: Mapping[str, Sequence[str]], prices: Sequence[str]) -> str:
    """The header that names costs, else one that names margins and holds no money; "" where none does."""
    costs = [name for name in free if costs_rows(name) or costs_one(name)]
    shares = (name for name in free if margins.named(name) and not margins.money(name, cells[name], prices))
    return costs[0] if costs else next(shares, "")


def _way(header: str, cells: Mapping[str, Sequence[str]], ours: Mapping[str, str]) -> Way:
    if not (costs_rows(header) or costs_one(header)):
        return "percent" if margins.in_percent(cells[header]) else "share"
    return "row" if _amount(header, cells, ours) else "each"


def _amount(header: str, cells: Mapping[str, Sequence[str]], ours: Mapping[str, str]) -> Sequence[str]:
    """An amount, its units and the cost of one, where the column looks like what all units of a row cost; else empty."""
    if not {"sku", "units"} <= ours.keys():
        return ()
    whole = costs_rows(header) or bool(WHOLE & set(words(header)))
    return as_amounts(cells[ours["sku"]], cells[ours["units"]], cells[header], whole) or ()


def _example(header: str, way: Way, cells: Mapping[str, Sequence[str]], ours: Mapping[str, str]) -> list[str]:
    """As `CostColumn.example`."""
    if way == "row":
        return list(_amount(header, cells, ours))
    if way == "each":
        return [value for value in cells[header] if value][:1]
    return margins.example(cells[header], cells.get(ours.get("price", ""), ()), way == "percent")
