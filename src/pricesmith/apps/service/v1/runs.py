"""Runs and the prices that they propose."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec
import polars as pl

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.approving import Approving, approving
from pricesmith.flows.desk.prices import table as prices
from pricesmith.flows.desk.prices.because import Because, because
from pricesmith.flows.desk.publishing.receipts import Receipts, ReceiptsWanted, receipts
from pricesmith.flows.desk.publishing.since import InShop, in_shop
from pricesmith.flows.desk.reading.ledger import KEY, Run
from pricesmith.flows.desk.runs.approvals import ListedRun, listed

from ._cursor import Cursor, Limit, opened, sealed

CHANGING = ("needs", "agreed", "state")
"""Columns that answers change: a list in their order could not be gone on with."""
SORTED = tuple(column for column in prices.COLUMNS if column not in CHANGING)


class WantedRuns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the list, the newest first."""

    cursor: Cursor = ""
    limit: Limit = 100


class RunList(msgspec.Struct, frozen=True):
    """Runs, the newest first. next: cursor of the rest, null where there is no more."""

    runs: list[ListedRun]
    next: str | None


class WantedDecisions(prices.Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters as on the page Prices, and a part of the list. sort: `sku` or a column; the order stays the same while people answer."""

    sort: str = "sku"
    order: Literal["down", "up"] = "up"
    cursor: Cursor = ""
    limit: Limit = 100


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a run proposes for one product.

    current_price, price, landed_cost  minor units
    competitor_price                   median of the competitors' valid offers, minor units
    move                               price / current_price - 1
    profit_change, _lo, _hi            against keeping the price, major units a day, with the 90 % interval
    expected_units, _revenue, _profit  a day, the new prices of related products counted; money in major units
    elasticity, _lo, _hi               with the 90 % interval
    needs, agreed                      people that must agree with the change, and that have
    because                            of a change that is better, or whose price today breaks a limit: what sets it apart; else null
    in_shop                            what came into the shop since the run was made, or since its data ends; null where nothing did
    """

    sku: str
    channel: str
    region: str
    action: str
    name: str | None
    brand: str | None
    category: str | None
    reason: str | None
    evidence: str | None
    binding_rules: str | None
    current_price: int | None
    price: int | None
    landed_cost: float | None
    competitor_price: float | None
    move: float | None
    profit_change: float | None
    profit_change_lo: float | None
    profit_change_hi: float | None
    expected_units: float | None
    expected_revenue: float | None
    expected_profit: float | None
    elasticity: float | None
    elasticity_lo: float | None
    elasticity_hi: float | None
    on_hand: float | None
    needs: int | None
    agreed: int | None
    state: str | None
    because: Because | None
    in_shop: InShop | None


TOLD = [name for name in Decision.__struct_fields__ if name not in ("because", "in_shop")]
"""Columns of a decision."""


class Decisions(msgspec.Struct, frozen=True):
    """A part of a run's prices. found: those that the filters let through; next: cursor of the rest, null where there is no more."""

    run: str
    as_of: dt.date
    currency: str
    found: int
    decisions: list[Decision]
    next: str | None


def show_all(ask: Ask) -> RunList:
    wanted: WantedRuns = ask.given
    before = opened(wanted.cursor, "/api/v1/runs", wanted, int) if wanted.cursor else None
    known = ask.reading.made().sort("seq", descending=True)
    left = known if before is None else known.filter(pl.col("seq") < before)
    shown = left.head(wanted.limit)
    more = sealed("/api/v1/runs", wanted, shown["seq"][-1]) if left.height > shown.height else None
    return RunList(listed(ask.reading, shown), more)


def show(ask: Ask) -> Approving:
    return approving(ask.reading, ask.path["run"], ask.at)


def decisions(ask: Ask) -> Decisions:
    wanted: WantedDecisions = ask.given
    if wanted.sort not in (*SORTED, *KEY, "action"):
        raise UnknownChoice("column", wanted.sort, SORTED)
    run = ask.reading.run(ask.path["run"])
    filters = prices.Wanted(**{name: getattr(wanted, name) for name in _SHARED}, run=run.name)
    after = opened(wanted.cursor, run.name, wanted, int) if wanted.cursor else -1
    table = prices.ordered(prices.table_of(ask.reading, run, ask.at), filters).with_row_index("place")
    found = prices.filtered(table, filters)
    left = found.filter(pl.col("place") > after)
    shown = left.head(wanted.limit)
    more = sealed(run.name, wanted, shown["place"][-1]) if left.height > shown.height else None
    return Decisions(run.name, run.as_of, run.currency, found.height, _told(ask, run, shown), more)


def _told(ask: Ask, run: Run, shown: pl.DataFrame) -> list[Decision]:
    """A page of the rows of `prices.table_of`."""
    rows = shown.select(TOLD).with_columns(pl.selectors.float().fill_nan(None)).iter_rows(named=True)
    reasons, now = because(ask.reading, run.name, shown), in_shop(ask.reading, run, shown, ask.at)
    keyed = ((Key(row["sku"], row["channel"], row["region"]), row) for row in rows)
    return [Decision(**row, because=reasons.get(key), in_shop=now.get(key)) for key, row in keyed]


def sent(ask: Ask) -> Receipts:
    return receipts(ask.reading, ask.path["run"], ask.given, ask.at)


_SHARED = tuple(name for name in WantedDecisions.__struct_fields__ if name not in ("cursor", "limit"))
ROUTES = (
    Route("api.runs", "GET", "/api/v1/runs", "read", show_all, WantedRuns, RunList),
    Route("api.run", "GET", "/api/v1/runs/{run}", "read", show, gives=Approving),
    Route("api.decisions", "GET", "/api/v1/runs/{run}/decisions", "read", decisions, WantedDecisions, Decisions),
    Route("api.receipts", "GET", "/api/v1/runs/{run}/receipts", "read", sent, ReceiptsWanted, Receipts),
)
