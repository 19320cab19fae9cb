"""The form of a rule beside the shop that it is for: products by what the shop calls them, endings by a last digit of its currency."""

from __future__ import annotations

import tomllib
from typing import Any

from pricesmith.contracts.money import exponent
from pricesmith.flows.desk.forms.last_digit import spelled, sure
from pricesmith.flows.desk.forms.named_products import Taken, patterns, products_of, taken
from pricesmith.flows.desk.guide.endings import prices_of
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.rules import RULES

from .rule_kinds import Form, as_text, fields, filled


def rule_of(reading: Reading, text: str, form: Form) -> dict[str, Any]:
    """The rule as a plain mapping. text: of the shop.toml that it is to stand in

    Raises as `filled` does, and UsageError for endings that hardly mean what they say.
    """
    document = _document(text)
    currency = str(document.get("currency") or reading.policy.currency)
    values = {name: spelled(told, currency) if name in _of(form, "numbers") else told for name, told in form.values.items()}
    named = _of(form, "patterns")
    products = products_of(reading) if any(values.get(name, "").strip() for name in named) else None
    if products is not None:
        values |= {name: as_text(patterns(values[name], name, products)) for name in named if values.get(name, "").strip()}
    rule = filled(form.kind, values, form.where, form.hard, form.priority)
    if form.kind == "price_endings" and exponent(currency) == exponent(reading.policy.currency):
        rules = document.get("rule")
        stood = rules[form.number].get("endings", []) if isinstance(rules, list) and 0 <= form.number < len(rules) else []
        sure([one for one in rule.get("endings", []) if one not in stood], prices_of(reading), currency)
    return rule


def taken_as(reading: Reading, form: Form) -> list[Taken]:
    """What values without a column were taken as, field by field."""
    told = [(name, form.values[name]) for name in _of(form, "patterns") if form.values.get(name, "").strip()]
    if not told:
        return []
    products = products_of(reading)
    return [one for name, value in told if (one := taken(value, name, products)) is not None]


def _of(form: Form, kind: str) -> list[str]:
    """Names of the form's fields of that kind."""
    return [one.name for one in fields(RULES.pick(form.kind)) if one.kind == kind]


def _document(text: str) -> dict[str, Any]:
    """What the text says; empty where it cannot be read, which the edit tells."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
