"""The kinds of rules as their own definitions describe them, for people who fill in a form."""

from __future__ import annotations

import inspect
import math
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.rule import SELECTABLE, Rule
from pricesmith.flows.desk.forms import number_list, per_cent
from pricesmith.flows.desk.forms.named_products import as_typed, one_pattern, patterns
from pricesmith.rules import RULES

SHARED = ("where", "hard", "priority")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a rule.

    kind   `number`, `whole`, `flag`, `date`, `choice`, `numbers`, `names`, `patterns` or `text`
    unit   `share` or `multiple` where people write it in per cent, see `contracts.rule.per_cent`; else ""
    above  `low` itself is not allowed
    """

    name: str
    kind: str
    needed: bool
    meaning: str
    unit: str = ""
    default: Any = None
    low: float | None = None
    high: float | None = None
    above: bool = False
    choices: list[str] = []


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as it was filled in. number: of the rule, -1 to add one; values: field -> text."""

    kind: str
    number: int = -1
    values: dict[str, str] = {}
    where: dict[str, str] = {}
    hard: bool = True
    priority: int = 0


class Kind(msgspec.Struct, frozen=True):
    """A kind of rule: what it says in a sentence, what more there is to know, and its own fields."""

    kind: str
    meaning: str
    more: str
    fields: list[Field]


@cache
def kinds() -> list[Kind]:
    """Every kind, by name."""
    return [_kind(name, kind) for name, kind in RULES.items()]


def _kind(name: str, kind: type[Rule]) -> Kind:
    meaning, _, more = inspect.cleandoc(kind.__doc__ or name).partition("\n\n")
    return Kind(name, meaning.replace("\n", " "), more, fields(kind))


@cache
def fields(kind: type[Rule]) -> list[Field]:
    """A rule's own fields, in the order of its definition."""
    document = msgspec.json.schema(kind)
    schema = document["$defs"][document["$ref"].rpartition("/")[2]]
    needed = schema.get("required", [])
    return [_field(name, one, name in needed) for name, one in schema["properties"].items() if name not in ("kind", *SHARED)]


def _field(name: str, schema: Mapping[str, Any], needed: bool) -> Field:
    forms: list[dict[str, Any]] = [dict(one) for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    form: dict[str, Any] = forms[0] if len(forms) == 1 else {"type": "string"}
    low: Any = form.get("minimum", form.get("exclusiveMinimum"))
    meaning = str(schema.get("description") or form.get("description", ""))
    return Field(
        name=name, kind=_sort(form), needed=needed, meaning=meaning, unit=schema.get("unit", form.get("unit", "")),
        default=schema.get("default"), low=low, high=form.get("maximum"),
        above="exclusiveMinimum" in form, choices=[str(one) for one in form.get("enum", [])],
    )  # fmt: skip


def _sort(form: Mapping[str, Any]) -> str:
    if "enum" in form:
        return "choice"
    if form.get("format") == "date":
        return "date"
    if form.get("type") == "array":
        return "numbers" if form.get("items", {}).get("type") in ("number", "integer") else "names"
    words = {"number": "number", "integer": "whole", "boolean": "flag", "object": "patterns"}
    return words.get(str(form.get("type")), "text")


def as_text(value: Any) -> str:
    """A value as it stands in a form, where `filled` reads it again; a share is a fraction there, see `per_cent.in_field`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return as_typed(value)
    if isinstance(value, list | tuple):
        return ", ".join(f"{one:.12g}" if isinstance(one, float) else f"{one}" for one in value)
    return f"{value}"


def filled(kind: str, given: Mapping[str, str], where: Mapping[str, str], hard: bool, priority: int) -> dict[str, Any]:
    """A rule as a plain mapping from what a form brings: field -> text, empty where left out.

    Raises UnknownChoice for a kind, UsageError for a text that is no number.
    """
    form = RULES.pick(kind)
    values = {one.name: _value(one, given[one.name]) for one in fields(form) if given.get(one.name, "").strip()}
    chosen = {column: one_pattern(column, text) for column, text in where.items() if column in SELECTABLE and text.strip()}
    shared: dict[str, Any] = {"where": chosen} if chosen else {}
    shared |= {} if hard else {"hard": False}
    return {"kind": kind, **shared, **({"priority": priority} if priority else {}), **values}


def _value(field: Field, text: str) -> Any:
    text = text.strip()
    if field.kind == "flag":
        return _flag(field, text)
    if field.kind == "numbers":
        return number_list.typed(text, field.name)
    parts = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    if field.kind == "names":
        return parts
    if field.kind == "patterns":
        return patterns(text, field.name)
    if field.unit:
        return share(field, text)
    if field.kind in ("number", "whole"):
        return number_list.number(text, field.name, "digits with a decimal point")
    return text


def setting_value(kind: str, setting: str, text: str) -> Any:
    """The value of one setting as a form brings it, a share in per cent; what stands in shop.toml is read too where it is no share.

    Raises UsageError for a setting that the rule does not have and for a text that is no value of it, UnknownChoice for a kind.
    """
    every = fields(RULES.pick(kind))
    own = next((one for one in every if one.name == setting), None)
    if own is None:
        raise UsageError(f"a rule {kind} has no setting {setting!r}", hint=f"its settings: {', '.join(one.name for one in every)}")
    if own.unit:
        return share(own, text)
    try:
        found = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return _value(own, text)
    return found if isinstance(found, list) or own.kind not in ("numbers", "names") else _value(own, text)


def share(field: Field, text: str) -> float:
    """0.15 of `15` and of `15 %`. Raises UsageError in per cent for what is out of the bounds of the field."""
    typed = per_cent.typed(text, field.name, field.unit)
    value = float(Decimal(str(typed)) / 100)
    low, high = (None if one is None else per_cent.shown(Decimal(str(one))) for one in (field.low, field.high))
    if not math.isfinite(value) or (field.high is not None and value > field.high):
        raise UsageError(f"{typed:g} % is too much", where=field.name, hint=f"{high} at most" if high else "a finite number")
    if field.low is not None and (value < field.low or (field.above and value == field.low)):
        raise UsageError(f"{typed:g} % is too little", where=field.name, hint=f"more than {low}" if field.above else f"{low} at least")
    return value


def _flag(field: Field, text: str) -> bool:
    if text not in ("true", "false"):
        raise UsageError(f"{text!r} is neither true nor false", where=field.name, hint="write true or false")
    return text == "true"
