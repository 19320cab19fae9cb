"""What a rule says, as a person would say it: its settings in words, figures with their units.

The words of a setting are `told_KIND_FIELD`, those of one of its choices `told_KIND_FIELD_CHOICE`, what the kind says without any
setting `told_KIND`. The place that they hold for the value says how it is written: {percent}, {money} and {amounts} (with and
without the currency), {number}, {texts}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from jinja2 import pass_context
from jinja2.runtime import Context

from pricesmith.apps.report import numbers
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.forms.last_digit import endings_shown
from pricesmith.flows.desk.forms.per_cent import in_percent
from pricesmith.flows.desk.rules.caution import MAX_MOVE
from pricesmith.flows.desk.rules.rule_kinds import kinds, setting_value

from .words import Words, catalogue

SHARED = ("kind", "where", "hard", "priority")
_QUOTED = re.compile(r'`(\w+)`|(\w+) = "(\w+)"')


@pass_context
def rule_said(context: Context, settings: Mapping[str, Any], currency: str) -> str:
    """The filter `rule_said` of the pages; see `said`."""
    return said(context["w"], settings, currency)


@pass_context
def setting_asked(context: Context, asked: Mapping[str, Any], currency: str) -> str:
    """The filter `setting_said`: another value of a setting of a rule, as `setting_value` reads it, in words.

    Where it says nothing, the name that the form has for the setting, and the value as it was written.

    asked  `rule`, `setting`, `value`
    """
    words, setting, kind = context["w"], str(asked["setting"]), str(asked["rule"]).partition(":")[0]
    try:
        return setting_said(words, kind, setting, setting_value(kind, setting, str(asked["value"])), currency)
    except (PricesmithError, TypeError, ValueError):
        return f"{named_anywhere(context, setting, kind)}{words('colon')}{asked['value']}"


@pass_context
def named_anywhere(context: Context, setting: str, kind: str) -> str:
    """The filter `named_anywhere`: as `setting_named`, but a setting that the kind does not have is named as in the first that does."""
    homes = [one.kind for one in kinds() if setting in (each.name for each in one.fields)]
    return named(context["w"], kind if kind in homes or not homes else homes[0], setting)


def named(words: Words, kind: str, setting: str) -> str:
    """The name of a setting of a rule; that of a kind which a plug-in brought along is its own."""
    keys = (f"rulename_{kind}_{setting}", f"rulename_{setting}")
    return next((words(key) for key in keys if key in catalogue()), setting.replace("_", " "))


@pass_context
def setting_named(context: Context, setting: str, kind: str) -> str:
    """The filter `setting_named`; see `named`."""
    return named(context["w"], kind, setting)


@pass_context
def choice_said(context: Context, choice: str, kind: str, setting: str) -> str:
    """The filter `choice_said`: one of the values that a setting of a rule may have."""
    keys = (f"told_{kind}_{setting}_{choice}", f"told_by_{choice}")
    return next((context["w"](key) for key in keys if key in catalogue()), choice.replace("_", " "))


@pass_context
def about_said(context: Context, meaning: str, kind: str) -> str:
    """The filter `about_said`: what a rule or a setting means, other settings in it by their names and not as shop.toml has them."""
    words: Words = context["w"]

    def name(found: re.Match[str]) -> str:
        setting, value = found[1] or found[2], found[3]
        if f"rulename_{kind}_{setting}" not in catalogue() and f"rulename_{setting}" not in catalogue():
            return found[0]
        of = f"{words('colon')}{words.code(f'told_{kind}_{setting}', value)}" if value else ""
        return words("quoted", text=f"{named(words, kind, setting)}{of}")

    return _QUOTED.sub(name, meaning)


@pass_context
def place_said(context: Context, place: str) -> str:
    """The filter `place_said`: a setting of a rule by its place, `rule.max_change:2.step`: largest change (2) · largest move either way.

    What a channel takes by the channel: What channels take · web · payment fee. Any other setting by its words, `setting_PLACE`, "" where
    it has none.
    """
    words, (first, _, rest) = context["w"], place.partition(".")
    if (own := f"setting_{place.replace('.', '_')}") in catalogue():
        return str(words(own))
    if first == "fees":
        where, _, name = rest.rpartition(".")
        return f"{words('start_fees')} · {words('start_fees_all') if where == '*' else where} · {words(f'ru_{name}')}"
    rule, _, setting = rest.partition(".")
    if first != "rule" or not setting:
        return ""
    of, _, column = setting.partition(".")
    more = f" {words.code('told_by', column)}" if of == "where" and column else ""
    return f"{words.rule(rule)} · {named(words, rule.partition(':')[0], of)}{more}"


def value_said(value: str, place: str) -> str:
    """The filter `value_said`: the value of a setting as people write it, a share of a rule in per cent, without the marks of shop.toml."""
    rule, _, setting = place.removeprefix("rule.").partition(".")
    known = [one for one in kinds() if place.startswith("rule.") and one.kind == rule.partition(":")[0]]
    own = next((one for found in known for one in found.fields if one.name == setting), None)
    rate = place.startswith("fees.") and place.endswith("_rate")
    if value and (rate or place.startswith(MAX_MOVE) or (own is not None and own.unit)):
        return in_percent(value)
    return _plain(value)


def _plain(value: str) -> str:
    """A value without the marks of JSON: a text without its quotes, a list of values without its brackets; as it is where it is deeper."""
    try:
        found = msgspec.json.decode(value) if value else ""
    except msgspec.DecodeError:
        return value
    if isinstance(found, list) and not any(isinstance(one, list | dict) for one in found):
        return ", ".join(_plain(msgspec.json.encode(one).decode()) for one in found)
    return found if isinstance(found, str) else value


def said(words: Words, settings: Mapping[str, Any], currency: str) -> str:
    """What a rule says of the products that it is about, and which those are; how firm it is stands elsewhere.

    settings  the rule as it would stand in shop.toml; fields that are left out say nothing, but for what `told_KIND_FIELD_left_out` says
    """
    kind = str(settings["kind"])
    parts = [words(f"told_{kind}")] if f"told_{kind}" in catalogue() else []
    parts += [setting_said(words, kind, name, value, currency) for name, value in settings.items() if name not in SHARED]
    parts += [words(key) for name in _defaults(kind) if name not in settings and (key := f"told_{kind}_{name}_left_out") in catalogue()]
    if settings.get("where"):
        parts.append(words("told_where", texts=_patterns(words, settings["where"])))
    return words("semicolon").join(parts)


def _defaults(kind: str) -> list[str]:
    """Fields of a kind, () of one that is not ours."""
    return [one.name for found in kinds() if found.kind == kind for one in found.fields]


def _ends(values: Sequence[float], currency: str) -> list[str]:
    """Last digits of whole amounts as they are typed (9, 5, 0; 80, 00), others as amounts (0.99, 0.50)."""
    whole = any(one >= 1 for one in values) and all(float(one).is_integer() for one in values)
    return endings_shown(values, currency) if whole else [numbers.price(float(one), currency) for one in values]


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
        "amounts": lambda: words("list_comma").join(_ends(value, currency)),
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
