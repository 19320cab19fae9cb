"""Every table of the system, defined once: validation, docs, the example shop and made test data all read this file.

`INPUT` are the files of a shop folder; `STAGE` are the tables by which the stages meet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

KINDS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "flag": pl.Int8(),
    "fraction": pl.Float64(),
    "date": pl.Date(),
    "moment": pl.Datetime("us", "UTC"),
    "money": pl.Float64(),
    "minor": pl.Int64(),
    "index": pl.Int32(),
    "binary": pl.Binary(),
}
"""Kind of a value -> its type. `money` is in major units as written in a file; `minor` is integer minor units inside."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, in which unit, and which values can be.

    kind      a key of KINDS
    unit      what one of it is ("major currency units", "units sold", "1 = yes")
    required  the column must be there (INPUT) or must not be null (STAGE)
    unless    columns of which one, where it is filled in a row, allows a required cell of that row to be empty
    low, high the values that can be, inclusive, of days and times their years; None is no bound
    """

    name: str
    kind: str
    description: str
    unit: str = ""
    required: bool = False
    unless: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    example: str = ""

    @property
    def dtype(self) -> pl.DataType:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its grain (the key columns), its columns, and what a shop gains by having it."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str
    adds: str = ""
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def lacking(self, columns: Collection[str]) -> list[str]:
        """Required columns that are not among these, without those that may be empty beside one of them (`Column.unless`)."""
        return [name for name in self.required if name not in columns and not set(self.by_name[name].unless) & set(columns)]

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)


def _text(name: str, description: str, **more: object) -> Column:
    return Column(name, "text", description, **more)  # type: ignore[arg-type]


def _money(name: str, description: str, **more: object) -> Column:
    return Column(name, "money", description, unit="major currency units", low=0.0, **more)  # type: ignore[arg-type]


def _fraction(name: str, description: str, high: float | None = 1.0, **more: object) -> Column:
    return Column(name, "fraction", description, unit="fraction of 1", low=0.0, high=high, **more)  # type: ignore[arg-type]


def _flag(name: str, description: str) -> Column:
    return Column(name, "flag", description, unit="1 = yes, 0 = no", low=0, high=1)


def _past(name: str, kind: str, description: str, unit: str) -> Column:
    """A day or time at which something happened: before 1980 no shop kept such a table, and a slip of a digit leads past 2099."""
    return Column(name, kind, description, unit=unit, required=True, low=1980, high=2099)


_SKU = _text("sku", "product key", required=True, example="A001")
_CHANNEL = _text("channel", "sales channel; missing reads as `default`", example="web")
_REGION = _text("region", "price region; missing reads as `default`", example="DE")

PRODUCTS = Table(
    "products",
    ("sku",),
    (
        _SKU,
        _text("name", "title shown to customers"),
        _text("brand", "brand"),
        _text("category", "path of categories, the widest first", example="home/kitchen/pans"),
        _text("description", "text of the product page"),
        _text("image", "address of a picture"),
        _money("unit_cost", "purchase cost of one unit, without tax that is got back; `costs` rows come first"),
        _money("price", "regular price that the shop asks now; without it, or where the last sales speak against it, the sales say it"),
        Column("price_from", "date", "day from which it asks that price: only sales since then speak against it", unit="ISO date"),
        _text("currency", "ISO 4217 code; must be the shop's own", example="EUR"),
        _fraction("tax_rate", "sales tax contained in a gross price: 0.19 where 19 of a price of 119 are tax", high=5.0, example="0.19"),
        _money("map_price", "minimum advertised price agreed with the supplier"),
        _money("rrp", "recommended retail price; an upper bound"),
        _money("min_price", "lowest price allowed"),
        _money("max_price", "highest price allowed"),
        Column("pack_size", "number", "units of content in one pack", unit="pieces", low=0.0),
        _text("family", "products that customers compare with one another", example="pans-24cm"),
        _text("role", "role in the assortment", example="key"),
        Column("launched", "date", "first day on sale", unit="ISO date"),
        _flag("active", "1 where the product is to be priced; missing reads as 1"),
    ),
    "one row a product",
    "which products there are, their limits, categories and families",
)

COSTS = Table(
    "costs",
    ("sku", "valid_from", "channel", "region"),
    (
        _SKU,
        Column("valid_from", "date", "first day on which these costs hold", unit="ISO date", required=True),
        _money(
            "unit_cost",
            "purchase cost of one unit, without tax that is got back; may be empty where a channel or region is named",
            required=True,
            unless=("channel", "region"),
        ),
        _money("shipping", "shipping cost of one unit, paid by the shop"),
        _fraction("fee_rate", "marketplace fee, share of the net price"),
        _fraction("payment_rate", "payment fee, share of the net price"),
        _fraction("return_rate", "share of units that come back"),
        _text("channel", "the row holds in this sales channel alone; missing: in every one", example="marketplace"),
        _text("region", "the row holds in this price region alone; missing: in every one", example="DE"),
    ),
    "costs of a product from a day on; a row of a channel or region comes before those of every place, which say what it leaves empty",
    "landed cost over time: floors, profit, and cost changes as an instrument for the price response",
)

SALES = Table(
    "sales",
    ("date", "sku", "channel", "region"),
    (
        _past("date", "date", "day, or first day of the week or month that the row totals", "ISO date"),
        _SKU,
        Column("units", "number", "units sold, returns taken off", unit="units", required=True, low=0.0),
        _money("price", "unit price actually charged", required=True),
        _CHANNEL,
        _REGION,
        _flag("promo", "1 where the price was a promotion"),
        _text("promo_kind", "kind of promotion, several at once joined by ` + `; without it, that of `promotions`", example="flyer"),
        _money("list_price", "price asked outside promotions"),
        Column("orders", "number", "orders that held the product", unit="orders", low=0.0),
        Column("views", "number", "views of the product page", unit="views", low=0.0),
    ),
    "units sold and price charged, one row a day (or period), product, channel and region",
    "the demand history; `orders` may stand in for it",
)

ORDERS = Table(
    "orders",
    ("order_id", "sku", "at", "price", "units"),
    (
        _text("order_id", "order key", required=True),
        _past("at", "moment", "time of the order", "ISO timestamp"),
        _SKU,
        Column("units", "number", "units of the line; negative where they come back", unit="units", required=True),
        _money("price", "unit price actually charged", required=True),
        _text("customer_id", "customer key"),
        _CHANNEL,
        _REGION,
    ),
    "order lines; aggregated to `sales` where that table is missing",
    "the demand history with quantity discounts told apart from the list price",
)

COMPETITOR_PRICES = Table(
    "competitor_prices",
    ("observed_at", "sku", "competitor"),
    (
        _past("observed_at", "moment", "time of the observation", "ISO timestamp"),
        _SKU,
        _text("competitor", "name of the competitor", required=True),
        _money("price", "the competitor's price", required=True),
        _money("shipping", "shipping that the customer pays there"),
        _flag("in_stock", "1 where the offer can be bought; missing reads as 1"),
        _text("match", "how the products were matched", example="exact"),
        _fraction("confidence", "confidence of the match"),
        _text("url", "address of the offer"),
    ),
    "offers of competitors",
    "competitor bands, and competitor prices as a cause of demand",
)

STOCK = Table(
    "stock",
    ("date", "sku"),
    (
        _past("date", "date", "day", "ISO date"),
        _SKU,
        Column("on_hand", "number", "units in stock at the end of the day", unit="units", required=True, low=0.0),
        Column("incoming", "number", "units ordered and not yet here", unit="units", low=0.0),
        _flag("out_of_stock", "1 where the product could not be bought on this day"),
    ),
    "stock by day",
    "stock-out days, which are no days without demand",
)

PROMOTIONS = Table(
    "promotions",
    ("sku", "start"),
    (
        _SKU,
        Column("start", "date", "first day", unit="ISO date", required=True),
        Column("end", "date", "last day, included", unit="ISO date", required=True),
        _text(
            "kind",
            "kind of promotion, several at once joined by ` + `: each lifts demand in its own way; guards know coupon, code and bundle",
            example="flyer",
        ),
        _fraction("depth", "price cut as a share of the list price"),
    ),
    "planned and past promotions",
    "promotion days where the sales rows do not say so, and plans for the horizon",
)

EVENTS = Table(
    "events",
    ("at", "session_id", "sku", "kind"),
    (
        _past("at", "moment", "time of the event", "ISO timestamp"),
        _text("session_id", "session key", required=True),
        _SKU,
        _text("kind", "`view`, `cart` or `order`", required=True, example="view"),
        _text("customer_id", "customer key"),
    ),
    "what visitors did",
    "views and conversion per product",
)

REVIEWS = Table(
    "reviews",
    ("at", "sku", "text"),
    (
        _past("at", "moment", "time of the review", "ISO timestamp"),
        _SKU,
        Column("stars", "number", "rating", unit="stars, 1 to 5", low=0.0, high=5.0),
        _text("text", "words of the review"),
        _text("language", "language code", example="de"),
    ),
    "customer reviews",
    "rating and review counts as of each day",
)

CALENDAR = Table(
    "calendar",
    ("date", "event", "region"),
    (
        Column("date", "date", "day", unit="ISO date", required=True),
        _text("event", "name of the holiday or event", required=True, example="Black Friday"),
        _text("region", "region that has the event; missing reads as every region"),
    ),
    "holidays and events, past and planned",
    "event effects on demand",
)

TOLD_COSTS = ("gross_margin", "unit_cost")
"""Columns that may stand in `sales` or `orders` beside their own: costs can be read from them into table `costs`, on the pages. Shares of
the price without tax; and money, major units."""

INPUT: dict[str, Table] = {
    table.name: table for table in (PRODUCTS, COSTS, SALES, ORDERS, COMPETITOR_PRICES, STOCK, PROMOTIONS, EVENTS, REVIEWS, CALENDAR)
}
"""The files of a shop folder, by name."""


def _minor(name: str, description: str, **more: object) -> Column:
    return Column(name, "minor", description, unit="minor currency units", **more)  # type: ignore[arg-type]


def _cost(name: str, description: str) -> Column:
    return Column(name, "number", description, unit="minor currency units, fractions allowed", low=0.0)


ITEMS = Table(
    "items",
    ("item",),
    (
        Column("item", "index", "row number in the order of sku, channel, region", required=True),
        _text("sku", "product key", required=True),
        _text("channel", "sales channel", required=True),
        _text("region", "price region", required=True),
        _text("name", "title"),
        _text("brand", "brand"),
        _text("category", "path of categories; `` where unknown", required=True),
        _text("family", "products that customers compare"),
        _text("role", "role in the assortment"),
        _text("currency", "currency of the product row; null reads as the shop's"),
        _flag("active", "1 where the item is to be priced (cells of inactive ones still teach the model)"),
        Column("pack_size", "number", "units of content in one pack", unit="pieces"),
        _minor("current_price", "price on sale before the run; null where none is known"),
        _flag("price_stated", "1 where the product table says the current price, 0 where the sales do"),
        _fraction(
            "list_share", "share of the units of 28 days that order lines sold near that price; null without order lines, or if stated"
        ),
        Column(
            "paid_share",
            "number",
            "mean price paid in order lines of 28 days over that price; null without order lines",
            unit="ratio",
            low=0.0,
        ),
        _cost("landed_cost", "unit_cost + shipping of the latest costs row, else products.unit_cost; null where unknown"),
        _cost("unit_cost", "purchase cost; null where unknown"),
        _cost("shipping", "shipping cost, 0 where not given"),
        _fraction("tax_rate", "tax inside the price; 0 where prices are net", high=None, required=True),
        _fraction("fee_rate", "marketplace fee", required=True),
        _fraction("payment_rate", "payment fee", required=True),
        _fraction("return_rate", "share of units that come back", required=True),
        _flag("cost_assumed", "1 where the cost is assumed, not given by the source"),
        _flag("tax_assumed", "1 where prices contain tax and none is named, so that 0 is assumed; no price of the item leaves then"),
        _minor("min_price", "lowest price allowed"),
        _minor("max_price", "highest price allowed"),
        _minor("map_price", "minimum advertised price"),
        _minor("rrp", "recommended retail price"),
        Column("competitor_price", "number", "median of valid offers, before rounding", unit="minor currency units"),
        _cost("competitor_cheapest", "cheapest valid offer"),
        _cost("competitor_second", "second cheapest valid offer, or the only one"),
        _cost("competitor_average", "mean of valid offers"),
        Column("competitor_offers", "integer", "number of valid offers", unit="offers"),
        Column("on_hand", "number", "last known stock", unit="units"),
        Column("launched", "date", "first day on sale", unit="ISO date"),
        Column("last_sale", "date", "date of the last sales row", unit="ISO date"),
    ),
    "what may be priced: one row a (sku, channel, region) as of the day of the run",
)

CELLS = Table(
    "cells",
    ("item", "date", "price", "promo"),
    (
        Column("item", "index", "row number in `items`", required=True),
        Column("date", "date", "first day of the period", unit="ISO date", required=True),
        Column("price", "number", "unit price charged", unit="major currency units", required=True),
        _flag("promo", "1 where the price was a promotion"),
        _text("promo_kind", "kind of promotion; null off promotion and where unknown", example="flyer"),
        Column("units", "number", "units sold", unit="units", required=True, low=0.0),
        Column("days", "number", "periods that the cell adds up", unit="periods", required=True, low=0.0),
        Column(
            "available", "fraction", "share of the cell's time in which the product could be bought", unit="fraction of 1", required=True
        ),
        Column("list_price", "number", "price asked outside promotions", unit="major currency units", required=True),
        Column("competitor_price", "number", "median of valid offers then; null where none", unit="major currency units"),
        Column("cost", "number", "landed cost then; null where unknown", unit="major currency units"),
        Column("views", "number", "product views; null where unknown", unit="views"),
    ),
    "the demand history as the model sees it: days without a row filled in, nothing on or after the as-of date. Cells add: "
    "units and days of any split sum to the same cells",
)

DECISIONS = Table(
    "decisions",
    ("sku", "channel", "region"),
    (
        _text("sku", "product key", required=True),
        _text("channel", "sales channel", required=True),
        _text("region", "price region", required=True),
        _minor("current_price", "price before the run; null where none is known"),
        _minor("price", "price to set; equals current_price for keep and hold"),
        _text("action", "`change`, `keep` or `hold`", required=True),
        _text("reason", "stable reason code", required=True),
        Column("elasticity", "number", "percent change of units for one percent of price, at the current price"),
        Column("elasticity_lo", "number", "lower 90 % bound"),
        Column("elasticity_hi", "number", "upper 90 % bound"),
        _text("evidence", "`experiment`, `instrument`, `adjusted`, `pooled` or `prior`", required=True),
        Column("expected_units", "number", "expected units per day, the new prices of related products counted", unit="units per day"),
        Column(
            "expected_revenue",
            "number",
            "expected revenue per day, without tax and without what comes back",
            unit="major currency units per day",
        ),
        Column("expected_profit", "number", "expected profit per day of this product alone", unit="major currency units per day"),
        Column("profit_change", "number", "expected change of profit, family included", unit="major currency units per day"),
        Column("profit_change_lo", "number", "lower 90 % bound", unit="major currency units per day"),
        Column("profit_change_hi", "number", "upper 90 % bound", unit="major currency units per day"),
        _text("binding_rules", "rules that stopped a better price, joined by `;`; `weak_evidence` is `[model] max_move`", required=True),
    ),
    "the price list",
)

CHANGES = Table(
    "changes",
    ("sku", "channel", "region"),
    (
        _text("sku", "product key", required=True),
        _text("channel", "sales channel", required=True),
        _text("region", "price region", required=True),
        _minor("price", "price about to be written", required=True),
        _text("currency", "ISO 4217 code of that price", required=True),
        _minor("current_price", "price in the shop now, as read; null where it could not be read"),
        _fraction("tax_rate", "tax inside the price; 0 where prices are net", high=None),
        _fraction("fee_rate", "marketplace fee"),
        _fraction("payment_rate", "payment fee"),
        _fraction("discount_share", "the most that coupons, bundles and promotions may still take off at checkout"),
        _cost("landed_cost", "landed cost of one unit; null where unknown"),
        _minor("min_price", "lowest price allowed"),
        _minor("max_price", "highest price allowed"),
        Column(
            "exception_floor", "minor", "floor that two people have set instead, unexpired; null where none", unit="minor currency units"
        ),
        Column("median_30d", "number", "median price of the last 30 days; null where unknown", unit="minor currency units"),
        _minor("low_24h", "lowest price in the shop within 24 hours"),
        _minor("high_24h", "highest price in the shop within 24 hours"),
        _minor("price_7d", "price in the shop 7 days ago; the first known one where it is younger"),
        Column("changes_24h", "integer", "changes in the shop within 24 hours", unit="changes"),
        Column("changed_at", "moment", "last change in the shop", unit="UTC"),
        Column(
            "revenue", "number", "expected revenue at the current price: weight in the price index", unit="minor currency units per day"
        ),
        Column("cost_at", "moment", "when the cost was last known to be true", unit="UTC"),
        _flag("follows", "1 where competitor prices moved this price"),
        Column("competitor_at", "moment", "age of the oldest offer that counted", unit="UTC"),
        Column("sellers", "integer", "competitors whose offers counted", unit="sellers"),
        _fraction(
            "influence", "most by which the competitor reference moves when any one seller is left out; null counts as too much", high=None
        ),
        _flag("uses_stock", "1 where stock moved this price"),
        Column("stock_at", "moment", "when stock was counted", unit="UTC"),
        Column(
            "anchor_price",
            "number",
            "price that cost and demand alone would give; null where nothing is followed",
            unit="minor currency units",
        ),
        Column("alternations_48h", "integer", "reactions back and forth to competitors within 48 hours", unit="reactions"),
        Column("frozen_until", "moment", "until when following is frozen", unit="UTC"),
        Column("needs", "integer", "people who must stand behind exactly this change: 0 where it is automatic", unit="people"),
        Column(
            "agreed",
            "integer",
            "different people who stand behind exactly this change, unexpired; where two are needed, the requester is one of them",
            unit="people",
        ),
        _fraction("rank", "place in the canary: changes below the wave's share may leave"),
        _flag("forbidden", "1 where a hard rule in force forbids it: its run was made under other rules"),
        _flag("undo", "1 where it restores a price that stood in the shop before, or today's floor where that price would be below it"),
    ),
    "prices at the last gate, with what the guards judge them by",
)

STAGE: dict[str, Table] = {table.name: table for table in (ITEMS, CELLS, DECISIONS, CHANGES)}
"""The tables between the stages, by name."""

EVIDENCE = ("experiment", "instrument", "adjusted", "pooled", "prior")
"""Grades of evidence, the strongest first."""
