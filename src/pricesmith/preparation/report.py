"""The data report: what looks wrong in tables that are formally right."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.policy import Policy

from .checks.bands import check_bands
from .checks.brief_prices import check_brief_prices
from .checks.costs import check_costs
from .checks.coverage import check_coverage
from .checks.facts import Facts
from .checks.list_prices import check_list_prices
from .checks.offers import check_offers
from .checks.order_lines import check_order_lines
from .checks.prices import check_prices
from .checks.returns import check_orders
from .checks.settings import check_settings
from .checks.specials import check_specials
from .checks.totals import check_totals
from .history import history, policy_of
from .items import asked_prices
from .last_day import last_sound_day, later_rows, lonely
from .prepared import Prepared, Warning_, warn
from .stated import overruled, stated_prices
from .validate import Checked

CHECKS = (
    check_coverage,
    check_totals,
    check_prices,
    check_order_lines,
    check_costs,
    check_offers,
    check_orders,
    check_list_prices,
    check_specials,
    check_brief_prices,
    check_settings,
    check_bands,
)


def report(prepared: Prepared, policy: Policy, sales: Checked | None = None) -> list[Warning_]:
    """Warnings about accepted rows, in the order of CHECKS. They name what, where and what to do, and change nothing.

    sales  the rows of the sales table with their places; None where the sales are made from orders, or too many to hold
    """
    last = last_sound_day(prepared)
    if last is None:
        return [warn("no_sales", "sales", "blocking", "sales: there is no usable row; nothing can be learned or priced", 1)]
    policy = policy_of(prepared, policy)
    keys, rows = history(prepared, policy, last + dt.timedelta(days=1))
    if not (rows["price"] > 0).any():
        table = "orders" if prepared.derived else "sales"
        text = f"{table}: not one row has a price above 0, so nothing can be learned or priced; write the prices charged"
        return [warn("no_prices", table, "blocking", text, max(rows.height, 1))]
    eve, skus = last + dt.timedelta(days=1), keys.select("item", "sku")
    prices = asked_prices(keys, rows, prepared, policy, eve).join(skus, on="item").filter(pl.col("current_price").is_not_null())
    outdated = overruled(stated_prices(keys, rows, prepared, policy, eve).join(skus, on="item"), prices)
    later, alone = later_rows(prepared, last), lonely(prepared, last)
    facts = Facts(prepared.tables, keys, rows, prices, outdated, prepared.unknown, prepared.derived, last, policy, later, alone, sales)
    return [warning for check in CHECKS for warning in check(facts)]
