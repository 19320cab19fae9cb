"""What a rule says, as a person would say it: its settings in words, figures with their units.

The words of a setting are `told_KIND_FIELD`, those of one of its choices `told_KIND_FIELD_CHOICE`, what the kind says without any
setting `told_KIND`. The place that they hold for the value says how it is written: {percent}, {money} and {amounts} (with and
without the currency), {number}, {texts}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from pricesmith.apps.report import numbers
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.rule_kinds import setting_value

from .words import Words, catalogue

SHARED = ("kind", "where", "hard", "priority")


@pass_context
def rule_said(context: Context, settings: Mapping[str, Any], currency: str) -> str:
    """The filter `rule_said` of the pages; see `said`."""
    return said(context["w"], settings, currency)


@pass_context
def setting_asked(context: Context, asked: Mapping[str, Any], currency: str) -> str:
    """The filter `setting_said`: another value of a setting of a rule, as `setting_value` reads it, in words.

    As it was written where it says nothing.

    asked  `rule`, `setting`, `value`
    """
    kind = str(asked["rule"]).partition(":")[0]
    try:
        return setting_said(context["w"], kind, asked["setting"], setting_value(kind, asked["setting"], str(asked["value"])), currency)
    except (PricesmithError, TypeError, ValueError):
        return f"{asked['setting'].replace('_', ' ')} {asked['value']}"


def said(words: Words, settings: Mapping[str, Any], currency: str) -> str:
    """What a rule says of the products that it is about, and which those are; how firm it is stands elsewhere.

    settings  the rule as it would stand in shop.toml; fields that are left out say nothing
    """
    kind = str(settings["kind"])
    parts = [words(f"told_{kind}")] if f"told_{kind}" in catalogue() else []
    parts += [setting_said(words, kind, name, value, currency) for name, value in settings.items() if name not in SHARED]
    if settings.get("where"):
        parts.append(words("told_where", texts=_patterns(words, settings["where"])))
    return words("semicolon").join(parts)


def setting_said(words: Words, kind: str, name: str, value: Any, currency: str) -> str:
    """One setting; that of a kind which a plug-in brought along by its own name."""
    own = f"told_{kind}_{name}"
    if f"{own}_{value}" in catalogue():
        return words(f"{own}_{value}")
    if own not in catalogue():
        return f"{name.replace('_', ' ')}: {_texts(words, own, value)}"
    text = catalogue()[own][words.language]
    writing: dict[str, Callable[[], str]] = {
        "percent": lambda: _percent(words, value),
        "money": lambda: f"{numbers.price(float(value), currency)} {currency}",
        "amounts": lambda: words("list_comma").join(numbers.price(float(one), currency) for one in value),
        "number": lambda: f"{value:,}",
        "texts": lambda: _texts(words, own, value),
    }
    return text.format(**{unit: write() for unit, write in writing.items() if f"{{{unit}}}" in text})


def _percent(words: Words, value: float) -> str:
    return f"{100 * value:g}{'%' if words.language == 'zh' else chr(0xA0) + '%'}"


def _texts(words: Words, own: str, value: Any) -> str:
    """Patterns, several texts or one; choices and columns by their words."""
    if isinstance(value, Mapping):
        return _patterns(words, value)
    every = value if isinstance(value, list | tuple) else [value]
    return words("list_comma").join(
        words(f"{own}_{one}") if f"{own}_{one}" in catalogue() else words(f"told_by_{one}") if f"told_by_{one}" in catalogue() else str(one)
        for one in every
    )


def _patterns(words: Words, patterns: Mapping[str, Any]) -> str:
    """Column by column: category dairy/*."""
    return words("list_comma").join(f"{_texts(words, '', column)} {pattern}" for column, pattern in patterns.items())
