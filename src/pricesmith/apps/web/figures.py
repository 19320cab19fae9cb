"""Figures on a page. Each is a `<data>` element whose value is that of the JSON twin, so that a page can be compared with it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pricesmith.apps.report import numbers
from pricesmith.contracts.money import exponent, format_minor, to_major
from pricesmith.contracts.shop import placed

NONE = "–"


def figure(value: object, text: str) -> Markup:
    """The text, and the exact value that it stands for."""
    return Markup(f'<data value="{escape(value)}">{escape(text)}</data>')


def price(minor: int | None, currency: str) -> Markup:
    """An amount of minor units with exactly the decimals of its currency."""
    return Markup(NONE) if minor is None else figure(minor, numbers.price(to_major(minor, currency), currency))


def minor(value: float | None, currency: str) -> Markup:
    """An amount of minor units that need not be whole: a cost, a median."""
    return (
        Markup(NONE)
        if value is None or _missing(value)
        else figure(value, numbers.signed(numbers.price(abs(value) / 10 ** exponent(currency), currency), value, False))
    )


def entry(minor: int | None, currency: str) -> str:
    """An amount of minor units as it is written into a field."""
    return "" if minor is None else format_minor(minor, currency)


def amount(value: float, currency: str) -> str:
    """A price in major units that somebody wrote, with its currency."""
    return f"{numbers.price(value, currency)} {currency}"


def money(value: float | None, currency: str, plus: bool = False) -> Markup:
    """An amount of major units, as many digits as carry meaning."""
    return Markup(NONE) if _missing(value) else figure(value, numbers.money(value, currency, plus=plus))


def shows(value: float | None, currency: str) -> bool:
    """Whether an amount of major units shows as another than 0."""
    return not _missing(value) and any(digit in "123456789" for digit in numbers.money(value, currency))


@pass_context
def percent(context: Context, value: float | None, places: int = 1, plus: bool = False) -> Markup:
    return Markup(NONE) if _missing(value) else figure(value, spaced(context, numbers.percent(value, places, plus=plus)))


@pass_context
def at_most(context: Context, value: float, places: int = 1) -> Markup:
    """An upper bound of a share, rounded up."""
    return figure(value, spaced(context, numbers.at_most(value, places)))


def spaced(context: Context, text: str) -> str:
    """The sign stands apart in English, on the same line, and close in Chinese."""
    return text.replace(" %", "%" if context["w"].language == "zh" else "\u00a0%")


@pass_context
def share(context: Context, value: float) -> str:
    """A setting that is a share, in words: as many digits as it has."""
    return spaced(context, f"{100 * value:g} %".replace("-", "−"))


def number(value: float | None, places: int = 2, plus: bool = False) -> Markup:
    return Markup(NONE) if value is None or _missing(value) else figure(value, numbers.amount(value, places, plus=plus))


def stepwise(one: dict[str, Any], places: int) -> list[tuple[dict[str, Any], Markup]]:
    """The steps of an `Outlook` that are not shown as 0, rounded so that they add up on the page."""
    digits = 0 if max(one["sold"], one["expected"]) >= 10_000 else places
    rounded = numbers.adding_up(one["sold"], [step["effect"] for step in one["steps"]], one["expected"], digits)
    told = [(step, value, numbers.amount(value, digits, plus=True)) for step, value in zip(one["steps"], rounded, strict=True)]
    return [(step, figure(step["effect"], text)) for step, value, text in told if value]


def count(value: int | None) -> Markup:
    return Markup(NONE) if value is None else figure(value, f"{value:,}")


@pass_context
def counted(context: Context, value: int, key: str) -> Markup:
    """So many of something, in words; see Words.counted."""
    return escape(context["w"].counted(key, value, "{n}")).format(n=count(value))


def span(low: float | None, high: float | None, currency: str, plus: bool = True) -> Markup:
    """A 90 % interval of amounts."""
    if _missing(low) or _missing(high):
        return Markup(NONE)
    texts = numbers.interval(low, high, currency, plus=plus)
    return figure(low, texts[0]) + Markup(" … ") + figure(high, texts[1])


def moment(value: str | dt.datetime | None) -> Markup:
    """A time of the ledger, UTC, to the minute."""
    if value is None:
        return Markup(NONE)
    at = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%Y-%m-%d %H:%M} UTC")


def place(row: Any) -> str:
    """Channel and region of a row or an object, those of them that the tables name."""
    told = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in ("channel", "region")}
    return " · ".join(placed(told["channel"], told["region"]))


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


FILTERS: dict[str, Callable[..., Any]] = {
    "price": price, "amount": amount, "share": share, "minor": minor, "entry": entry, "money": money, "shows": shows,
    "stepwise": stepwise, "percent": percent, "at_most": at_most, "number": number, "count": count, "counted": counted, "span": span,
    "moment": moment, "placed": place,
}  # fmt: skip
