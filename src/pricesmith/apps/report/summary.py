"""The report in a few lines, for a terminal."""

from __future__ import annotations

from pricesmith.flows.desk.today.outlook import main_step

from . import numbers, view
from .content import Content
from .words import Words

MOVES = 10
MISLEADING = (
    "costs_for_prices",
    "cost_as_share",
    "own_offers",
    "weekly_rows",
    "monthly_rows",
    "line_totals",
    "list_price_rare",
    "price_brief",
    "missing_tax_rate",
    "idle_rule",
    "unbound_band",
    "silent_product",
    "date_outlier",
    "date_jump",
    "after_as_of",
    "share_as_percent",
    "whole_ending",
    "last_digit",
)
"""Warnings under which the figures of the summary or the day of the run mean something else than they seem to, or a rule does nothing."""


def summary(content: Content) -> str:
    """What changes, what it should bring, the biggest moves, what is held, and how good the choice is."""
    words = Words(content.locale)
    told = view.headline(content, words)
    title = content.name or words("title")
    lines = [f"{title} · {words('as_of', date=content.as_of)} · {words('horizon', days=content.horizon_days)}"]
    lines += [words("costs_assumed")] if content.cost_assumed else []
    lines += ["", told["what"] + " · " + " · ".join(f"{value} {label}" for value, label in view.tiles(content, words)[:4])]
    lines += [" · ".join(told[part] for part in ("effect", "interval", "share", "week") if told[part])] if told["effect"] else []
    lines += [outlook(content, words)] if told["effect"] else []
    sold = [*lately(content, words), *([view.paid(content, words)] if content.paid and content.paid.less else [])]
    beside = [sold, cautions(content, words)]
    lines += [line for part in (beside if told["effect"] else beside[::-1]) for line in part]
    lines += ["", *moved(content, words)] if told["effect"] else []
    held = view.held(content, words)
    lines += ["", words("held"), *(f"  {row['count']:>5}  {told_held(row)}" for row in held)] if held else []
    stopped = view.binding(content, words)
    lines += ["", words("binding") + ": " + ", ".join(f"{name} {count}" for name, count in stopped)] if stopped else []
    return "\n".join([*lines, "", view.certificate(content, words)])


def told_held(row: dict[str, str]) -> str:
    line = f"{row['reason']} [{row['code']}], {row['examples']}"
    return f"{line}: {row['remedy']}" if row["remedy"] else line


def outlook(content: Content, words: Words) -> str:
    """Revenue and units of the whole shop, before and after."""
    _, revenue, units = view.outlook(content, words)
    facts = {f"{name}_{key}": row[key] for name, row in (("revenue", revenue), ("units", units)) for key in ("today", "then", "share")}
    return words("outlook_line", currency=content.currency, **facts)


def lately(content: Content, words: Words) -> list[str]:
    """What was sold lately, and the main reason why more or less is expected; () where the two are alike or the model cannot tell."""
    told = content.lately
    step = None if told is None else main_step(told)
    if told is None or step is None:
        return []
    figures = {name: numbers.amount(value, 1) for name, value in (("sold", told.sold), ("expected", told.expected))}
    effect = {one.name: shown for one, shown in view.effects(told, 1)}.get(step.name, numbers.amount(0.0, 1))
    return [words("lately_line", since=told.since, reason=view.because(step, words), effect=effect, **figures)]


def cautions(content: Content, words: Words) -> list[str]:
    """What to know before the moves, rows that were set aside or left out, and what makes the figures misleading."""
    rows = [line for line in (view.set_aside(content, words), view.repeated(content, words)) if line]
    told = [view.warned(one, words) for one in content.warnings if one["code"] in MISLEADING]
    return [*view.cautions(content, words), *rows, *told]


def moved(content: Content, words: Words) -> list[str]:
    """The biggest moves as an aligned table."""
    header = ["", words("product"), words("from"), words("to"), words("move"), words("effect"), words("interval_short"), words("evidence")]
    rows = [
        [
            row["sku"],
            shortened(row["name"]) if row["named"] else "",
            row["now"],
            row["new"],
            row["move"],
            row["effect"],
            row["interval"],
            row["grade"],
        ]
        for row in view.moves(content, words, MOVES)
    ]
    return numbers.aligned([header, *rows], left=2)


def shortened(name: str, length: int = 36) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"
