"""Time: holes in the data, products that fell silent, tables that stopped being fed."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.shop import UNNAMED
from pricesmith.contracts.snapshot import PERIOD_DAYS, last_of, until
from pricesmith.preparation.closed import DAYS, PLACE, quiet
from pricesmith.preparation.fill import grid_of
from pricesmith.preparation.prepared import Warning_, warn
from pricesmith.preparation.rhythm import rhythm

from .facts import Facts, found

LONG_SILENCE_DAYS = 28
SILENCE_FACTOR = 8.0
GONE_DAYS = 90
"""Days without a row after which it is asked whether a product is still on sale."""


def check_coverage(facts: Facts) -> list[Warning_]:
    """Rows of weeks and months taken for days, gaps of the shop and of products, odd dates, unobserved days, stale tables and products."""
    source = "orders" if facts.derived else "sales"
    unknown = facts.unknown.filter(pl.col("sku").is_in(facts.tables["products"]["sku"].implode()))
    return [
        *_longer_rows(facts, source),
        *_shop_gaps(facts, source),
        *_product_gaps(facts, source),
        *_quiet_places(facts, source),
        *found(
            "unobserved_days", source, "info", unknown,
            "{count} days of {products} products are not observed (rows in quarantine); they count neither as sales nor as none",
        ),
        *_stale(facts),
    ]  # fmt: skip


def _longer_rows(facts: Facts, source: str) -> list[Warning_]:
    """Rows that by their dates total a week or a month, where the policy takes each for a day. Orders are added up by day here."""
    found = rhythm(facts.rows["date"]) if facts.policy.period == "day" and not facts.derived else None
    if found is None or found.period == "day":
        return []
    weeks = (
        f'{source}: {found.rows} of {found.total} rows lie on one weekday, those of a product 7 days apart, but period = "day" takes each '
        "for the sales of one day and the days between for days on which nothing was sold; where a row totals a week, "
        'set period = "week"'
    )
    months = (
        f'{source}: {found.rows} of {found.total} rows lie on one day of the month, but period = "day" takes each for the sales of one '
        'day and the days between for days on which nothing was sold; where a row totals a month, set period = "month"'
    )
    if found.period == "week":
        return [warn("weekly_rows", source, "warning", weeks, found.rows)]
    return [warn("monthly_rows", source, "warning", months, found.rows)]


def _shop_gaps(facts: Facts, source: str) -> list[Warning_]:
    grid = grid_of(facts.rows["date"], facts.policy.period, facts.last + dt.timedelta(days=1))
    listed = []
    if not grid.regular:
        text = f"{source}: dates do not follow the policy's period ({facts.policy.period}); nothing is filled in; set period in shop.toml"
        listed.append(warn("irregular_periods", source, "warning", text, 1))
    if len(grid.holes):
        spans = [f"{_date(a)}..{_date(b)}" for a, b in grid.holes.tolist()]
        text = f"{source}: {len(spans)} gaps of more than a week without any row; they count as not observed: {', '.join(spans[:5])}"
        listed.append(warn("gap", source, "warning", text, len(spans), spans))
    text = f"{{count}} rows are dated more than a year after all others, which end on {facts.last}; a run starts after that; mend them"
    return [*listed, *found("date_outlier", source, "warning", facts.later, text, facts.places(facts.later)), *_alone(facts, source)]


def _alone(facts: Facts, source: str) -> list[Warning_]:
    """Few rows long after all others, which all the same set the day of a run that is given none."""
    if facts.alone is None:
        return []
    rows, before = facts.alone.rows, facts.alone.before
    text = (
        f"{{count}} rows are dated long after all others, which end on {before}, and set the day of every run that is given none: its data "
        f"end on {facts.last}; mend the dates if they are slips"
    )
    return found("date_jump", source, "warning", rows, text, facts.places(rows))


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def _product_gaps(facts: Facts, source: str) -> list[Warning_]:
    """Gaps inside an item's history that are long by its own rhythm."""
    step = pl.col("date").diff().over("item").dt.total_days()
    gaps = facts.rows.select("item", "sku", step.alias("step")).with_columns(pl.col("step").median().over("item").alias("usual"))
    least = LONG_SILENCE_DAYS * max(1.0, PERIOD_DAYS[facts.policy.period] / 7)
    long = gaps.filter((pl.col("step") > least) & (pl.col("step") > SILENCE_FACTOR * pl.col("usual")))
    text = "{count} long gaps in the rows of {products} products; they are read as time on sale without sales: add stock rows if it was not"
    return found("product_gap", source, "info", long, text)


def _quiet_places(facts: Facts, source: str) -> list[Warning_]:
    """Channels and regions whose rows end before those of the others: as where a file of a few stores was added."""
    silent = quiet(facts.rows, facts.keys, facts.policy.period)
    if not silent.height:
        return []
    places = facts.keys.select(PLACE).unique().height
    shown = [" · ".join(name for name in place if name != UNNAMED) for place in silent.select(PLACE).iter_rows()]
    if facts.policy.period == "day":
        text = (
            f"{source}: {silent.height} of {places} channels and regions have no row in the last {DAYS} days and more, though they usually "
            "sell; that counts as days without a sale: send their sales, or leave out of the file what is closed"
        )
        return [warn("quiet_places_days", source, "warning", text, silent.height, shown)]
    text = (
        f"{source}: {silent.height} of {places} channels and regions have no row in the last period, though they usually sell; "
        "it counts as not observed there: send their sales, or leave out of the file what is closed"
    )
    return [warn("quiet_places", source, "warning", text, silent.height, shown)]


def _stale(facts: Facts) -> list[Warning_]:
    listed = []
    limits = {"competitor_prices": ("observed_at", facts.policy.data.competitor_max_age_days), "stock": ("date", LONG_SILENCE_DAYS)}
    for table, (column, days) in limits.items():
        latest = facts.tables[table][column].max()
        day = latest.date() if isinstance(latest, dt.datetime) else latest
        ended = until(facts.last, facts.policy.period)
        if isinstance(day, dt.date) and (ended - day).days > days:
            text = (
                f"{table}: the last row is of {day}, {(ended - day).days} days before the last day with sales; feed it again or remove it"
            )
            listed.append(warn("stale_table", table, "warning", text, 1))
    return [*listed, *_silent(facts)]


def _silent(facts: Facts) -> list[Warning_]:
    """Active products that fell silent: held where the policy says after how long, else priced all the same."""
    allowed = facts.policy.data.stale_after_days
    seen = pl.col("last") if "last" in facts.rows.columns else last_of(pl.col("date"), facts.policy.period)
    active = facts.tables["products"].filter(pl.col("active").fill_null(1) == 1).select("sku")
    ended = facts.rows.group_by("item").agg(pl.col("sku").first(), seen.max().alias("date")).join(active, on="sku", how="semi")
    tomorrow = until(facts.last, facts.policy.period) + dt.timedelta(days=1)
    silent = ended.filter((pl.lit(tomorrow) - pl.col("date")).dt.total_days() > (GONE_DAYS if allowed is None else allowed))
    if allowed is not None:
        return found("stale_product", "sales", "warning", silent, f"{{count}} items have no row in {allowed} days; they are held")
    text = (
        f"{{count}} items have no row in {GONE_DAYS} days and are priced all the same; "
        "set data.stale_after_days in shop.toml (on the page Rules) to hold such, or write active = 0 where they are gone"
    )
    return found("silent_product", "sales", "warning", silent, text)
