"""What the report shows, as words and numbers ready to be laid out: the same for the page and for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import reduce
from typing import Any

import polars as pl

from pricesmith.contracts.money import to_major
from pricesmith.contracts.shop import placed
from pricesmith.contracts.tables import EVIDENCE
from pricesmith.flows.desk.today.outlook import Outlook, OutlookStep

from . import numbers
from .content import Content
from .words import Words

MOVES, CATEGORIES, EXAMPLES = 12, 14, 4
LATE_DAYS = 45
"""Days between the last sale and the run from which the report warns; a monthly row alone may be 31 days old."""
LISTED = 300
"""Changes that the page lists at most; the price list has them all."""
BLAMED, CLASHES = ("no_feasible_price", "unknown_limit"), 6
OUTSIDE = ("stays_below", "stays_above")
"""Reasons to hold a price that are the doing of some of its rules, and how many sets of such rules are told apart."""


def headline(content: Content, words: Words) -> dict[str, str]:
    changed, total = content.decisions.filter(pl.col("action") == "change").height, content.total
    if not changed:
        what = words("headline_held", all=f"{content.decisions.height:,}") if all_held(content) else words("headline_none")
        return {"what": what, "effect": "", "interval": "", "share": "", "week": ""}
    change = numbers.money(total.change, content.currency, plus=True)
    low, high = numbers.interval(total.low, total.high, content.currency, plus=True)
    share = numbers.percent(total.change / total.today, plus=True) if total.today > 0 else "–"
    week = numbers.money(total.week[0], content.currency, plus=True)
    least, most = numbers.interval(*total.week[1:], content.currency, plus=True)
    known = total.low == total.low
    return {
        "what": words("headline_change", changed=f"{changed:,}", all=f"{content.decisions.height:,}"),
        "effect": words("expected", change=change, currency=content.currency),
        "interval": words("interval", low=low, high=high) if known else words("no_interval"),
        "week": words("headline_week", change=week, currency=content.currency, low=least, high=most) if known else "",
        "share": words("share", share=share, today=numbers.money(total.today, content.currency), currency=content.currency),
    }


def all_held(content: Content) -> bool:
    """Whether no price of any product may be set, so that there was nothing to choose."""
    return content.decisions.height > 0 and bool((content.decisions["action"] == "hold").all())


def outlook(content: Content, words: Words) -> list[dict[str, str]]:
    """Profit, revenue and units of the whole shop a day: today, with the new prices, and the change."""
    total, currency = content.total, content.currency
    rows = [("profit", (total.today, total.today + total.change)), ("revenue", total.revenue), ("units", total.units)]

    def shown(name: str, value: float, plus: bool = False) -> str:
        return numbers.amount(value, 1, plus=plus) if name == "units" else numbers.money(value, currency, plus=plus)

    return [
        {
            "name": words(f"outlook_{name}"),
            "note": words("outlook_net") if name == "revenue" else "",
            "today": shown(name, before),
            "then": shown(name, after),
            "change": shown(name, after - before, plus=True),
            "share": numbers.percent(after / before - 1.0, plus=True) if before > 0 else "–",
        }
        for name, (before, after) in rows
    ]


def ranges(content: Content, words: Words) -> str:
    """What may come a day at today's prices; "" where the model cannot tell."""
    told, currency = content.total.ranges, content.currency
    if not told:
        return ""
    money = {name: " … ".join(numbers.interval(*told[name], currency)) for name in ("profit", "revenue")}
    units = " … ".join(numbers.amount(one, 1) for one in told["units"])
    return words("ranges_line", currency=currency, units=units, **money)


def lately(told: Outlook | None, words: Words, places: int = 1) -> str:
    """What was sold lately beside what is expected at today's prices, and the steps between; "" where the model cannot tell."""
    if told is None:
        return ""
    steps = [f"{because(step, words)} {effect}" for step, effect in effects(told, places)]
    figures = {name: numbers.amount(value, places) for name, value in (("sold", told.sold), ("expected", told.expected))}
    between = reduce(lambda one, other: words("lately_and", one=one, other=other), steps) if steps else words("lately_none")
    return words("lately_sold", since=told.since, **figures) + words("lately_between", steps=between)


def paid(content: Content, words: Words) -> str:
    """The profit of what was sold lately beside what is expected; "" where the model cannot tell."""
    told = content.paid
    if told is None:
        return ""
    money = {name: numbers.money(getattr(told, name), content.currency) for name in ("paid", "full", "expected")}
    return words("paid_line", since=told.since, currency=content.currency, **money) + (words("paid_less") if told.less else "")


def effects(told: Outlook, places: int) -> list[tuple[OutlookStep, str]]:
    """The steps that are not shown as 0, rounded so that they add up beside what was sold and what is expected."""
    places = 0 if max(told.sold, told.expected) >= 10_000 else places
    rounded = numbers.adding_up(told.sold, [step.effect for step in told.steps], told.expected, places)
    return [(step, numbers.amount(one, places, plus=True)) for step, one in zip(told.steps, rounded, strict=True) if one]


def because(step: OutlookStep, words: Words) -> str:
    """Why other sales are expected than lately, by one step."""
    return words(f"lately_{'rest_less' if step.name == 'rest' and step.effect > 0 else step.name}")


def tiles(content: Content, words: Words) -> list[tuple[str, str]]:
    """Counts a reader wants first."""
    table = content.decisions
    changed = table.filter(pl.col("action") == "change")
    up = changed.filter(pl.col("price") > pl.col("current_price")).height
    counts = [(f"{up:,}", words("tile_up")), (f"{changed.height - up:,}", words("tile_down"))]
    counts += [(f"{table.filter(pl.col('action') == action).height:,}", words(f"tile_{action}")) for action in ("keep", "hold")]
    return [*counts, (f"≤ {gap(content)}", words("tile_gap"))]


def cautions(content: Content, words: Words) -> list[str]:
    """What to know before the moves: products without a cost, sales that end long before the run, how many changes may lose, and how many
    rest mostly on similar products."""
    uncosted = content.decisions.filter(pl.col("reason") == "missing_cost").height
    unknown = [words("uncosted", count=f"{uncosted:,}", all=f"{content.decisions.height:,}")] if uncosted else []
    age = (content.as_of - content.last_sale).days
    late = [words("late", date=content.last_sale, days=age)] if age > LATE_DAYS else []
    return unknown + late + outside(content, words) + uncertain(content, words) + borrowed(content, words)


def outside(content: Content, words: Words) -> list[str]:
    """How many prices stay that break a limit of their rules, and the first of their products."""
    found = content.decisions.filter(pl.col("reason").is_in(OUTSIDE))
    examples = ", ".join(found["sku"].unique().sort().head(3))
    return [words("outside", count=f"{found.height:,}", examples=examples)] if found.height else []


def uncertain(content: Content, words: Words) -> list[str]:
    """How many of the changes are expected to lose by themselves, and how many of the others may."""
    change = content.decisions.filter(pl.col("action") == "change")
    losing = change.filter(pl.col("profit_change") < 0).height
    may = change.filter((pl.col("profit_change") >= 0) & (pl.col("profit_change_lo") < 0)).height
    return [words(key, count=count) for key, count in (("losing", losing), ("uncertain", may)) if count]


def borrowed(content: Content, words: Words) -> list[str]:
    """How many of the changes rest mostly on similar products, and how many of these the largest change stopped."""
    found = content.borrowed
    all_ = content.decisions.filter(pl.col("action") == "change").height
    if not found.count:
        return []
    told = "borrowed_limited" if found.limited else "borrowed"
    return [words(told, count=found.count, all=all_, furthest=found.furthest, limited=found.limited)]


def set_aside(content: Content, words: Words) -> str:
    """How many rows of data were not used; "" where all were."""
    count = sum(rows[1] for rows in content.rows.values())
    return words("set_aside", count=f"{count:,}") if count else ""


def repeated(content: Content, words: Words) -> str:
    """How many rows of data were left out because they repeat another one; "" where none does."""
    count = sum(rows[2] for rows in content.rows.values())
    return words("repeated", count=f"{count:,}") if count else ""


def warnings(content: Content, words: Words) -> list[str]:
    """What looks wrong in the data, in the language of the report; a code that a plug-in brought along keeps its own words."""
    return [warned(one, words) for one in content.warnings]


def warned(one: Mapping[str, Any], words: Words) -> str:
    """An entry of the data report; of one about the settings with the line."""
    places = one.get("places", ()) if one["table"] == "shop.toml" else ()
    return words.warning(one["code"], str(one["message"])) + (words("in_brackets", text=", ".join(places)) if places else "")


def biggest(decisions: pl.DataFrame, count: int) -> pl.DataFrame:
    """The changes with the largest expected effect on profit, whichever sign."""
    changed = decisions.filter(pl.col("action") == "change")
    return changed.sort(pl.col("profit_change").abs(), "sku", "channel", "region", descending=[True, False, False, False]).head(count)


def moves(content: Content, words: Words, count: int) -> list[dict[str, Any]]:
    several = content.decisions.select("channel", "region").n_unique() > 1
    return [move(row, content, words, several) for row in biggest(content.decisions, count).iter_rows(named=True)]


def move(row: dict[str, Any], content: Content, words: Words, several: bool) -> dict[str, Any]:
    now, new = (to_major(row[name], content.currency) for name in ("current_price", "price"))
    low, high = numbers.interval(row["profit_change_lo"], row["profit_change_hi"], content.currency, plus=True)
    rules = ", ".join(words.rule(name) for name in row["binding_rules"].split(";") if name)
    broken = content.outside.get((row["sku"], row["channel"], row["region"]))
    if broken is None:
        reason = words.reason(row["reason"], row["profit_change"])
    else:
        limit = f"{numbers.price(broken.limit, content.currency)} {content.currency}"
        reason = words.outside(row["reason"], broken.rule, limit)
    where = placed(row["channel"], row["region"]) if several else []
    return {
        "name": row["name"] or row["sku"],
        "named": bool(row["name"]),
        "sku": " · ".join([row["sku"], *where]),
        "beside": " · ".join([*([row["sku"]] if row["name"] else []), *where]),
        "now": numbers.price(now, content.currency),
        "new": numbers.price(new, content.currency),
        "move": numbers.percent(new / now - 1.0, plus=True),
        "up": new > now,
        "effect": numbers.money(row["profit_change"], content.currency, plus=True),
        "interval": f"{low} … {high}",
        "evidence": row["evidence"],
        "grade": words.code("grade", row["evidence"]),
        "evidence_words": words.code("evidence", row["evidence"]),
        "why": reason + (" · " + words("stopped_by", rules=rules) if rules else ""),
    }


def categories(content: Content, words: Words) -> list[dict[str, Any]]:
    """Middle and spread of the elasticities of the largest categories, the most elastic first, drawn on one scale."""
    table = content.decisions.filter(pl.col("elasticity").is_not_null())
    sizes = table.group_by("category").len().sort("len", "category", descending=[True, False])
    large = sizes["category"].head(CATEGORIES).to_list()
    named = table.with_columns(group=pl.when(pl.col("category").is_in(large)).then(pl.col("category")).otherwise(pl.lit(None)))
    value = pl.col("elasticity")
    rows = named.group_by("group").agg(pl.len().alias("count"), mid=value.median(), low=value.quantile(0.1), high=value.quantile(0.9))
    rows = rows.sort("mid", "group")
    widest = min([*rows["low"].to_list(), -1.0]) * 1.05
    scale = {name: (1.0 - pl.col(name) / widest) * 100.0 for name in ("low", "mid", "high")}
    placed = rows.with_columns(**{f"x_{name}": position.round(2) for name, position in scale.items()})
    return [
        {
            **row,
            "name": (row["group"] or words("others")).rpartition("/")[2],
            "path": row["group"] or "",
            "text": numbers.plain(row["mid"]),
            "one": round((1.0 + 1.0 / widest) * 100.0, 2),
        }
        for row in placed.iter_rows(named=True)
    ]


def evidence_mix(content: Content, words: Words) -> list[dict[str, Any]]:
    counts = Counter(content.decisions["evidence"].to_list())
    total = max(content.decisions.height, 1)
    return [
        {
            "grade": grade,
            "count": f"{counts[grade]:,}",
            "share": round(100.0 * counts[grade] / total, 2),
            "words": words.code("evidence", grade),
        }
        for grade in EVIDENCE
        if counts[grade]
    ]


def binding(content: Content, words: Words) -> list[tuple[str, str]]:
    """Rule -> number of products for which it stopped a better price; held products are told apart."""
    stopped = content.decisions.filter(pl.col("action") != "hold")["binding_rules"].str.split(";").explode()
    counts = Counter(name for name in stopped.to_list() if name)
    return [(words.rule(name), f"{count:,}") for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def held(content: Content, words: Words) -> list[dict[str, str]]:
    """Held products by reason, and by the rules to blame where that is the reason; beyond CLASHES of those, all others in one."""
    named = pl.when(pl.col("reason").is_in(BLAMED)).then("binding_rules").otherwise(pl.lit(""))
    table = content.decisions.filter(pl.col("action") == "hold").with_columns(rules=named)
    often = table.group_by("reason", "rules").len().sort("len", "rules", descending=[True, False]).group_by("reason").head(CLASHES)
    told = table.join(often, on=["reason", "rules"], how="left", maintain_order="left")
    groups = (
        told.with_columns(rules=pl.when(pl.col("len").is_not_null()).then("rules").otherwise(pl.lit("")))
        .group_by("reason", "rules")
        .agg(pl.len().alias("count"), pl.col("sku").sort().head(EXAMPLES))
        .sort("count", "reason", "rules", descending=[True, False, False])
    )
    return [
        {
            "reason": words.code("reason", row["reason"]) + _blamed(row["rules"], words),
            "code": row["reason"],
            "count": f"{row['count']:,}",
            "remedy": words.remedy(row["reason"]),
            "examples": words("for_example", examples=", ".join(row["sku"])),
        }
        for row in groups.iter_rows(named=True)
    ]


def _blamed(rules: str, words: Words) -> str:
    return words("by_rules", rules=", ".join(words.rule(name) for name in rules.split(";"))) if rules else ""


def gap(content: Content) -> str:
    """The proved gap to the best possible, rounded up, the same wherever it is shown."""
    return numbers.at_most(content.certificate.gap, 3)


def certificate(content: Content, words: Words) -> str:
    if all_held(content):
        return words("certificate_held")
    goal = words(f"objective_{content.objective}")
    key = "bound_units" if content.objective == "units" else "bound_money"

    def amount(value: float) -> str:
        return words(key, amount=numbers.money(value, content.currency), objective=goal, currency=content.currency)

    one = content.certificate
    return words("certificate_note", bound=amount(one.bound), value=amount(one.value), gap=gap(content))
