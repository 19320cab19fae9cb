"""The kinds of rules as their own definitions describe them, for people who fill in a form."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.rule import SELECTABLE, Rule
from pricesmith.rules import RULES

SHARED = ("where", "hard", "priority")
MANY = 10
"""So many times a reference and more are taken for per cents that lack their sign."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a rule.

    kind   `number`, `whole`, `flag`, `date`, `choice`, `numbers`, `names`, `patterns` or `text`
    unit   `share` or `multiple` where people write it in per cent, see `per_cent`; else ""
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

    @property
    def rule(self) -> dict[str, Any]:
        """As a plain mapping; raises as `filled` does."""
        return filled(self.kind, self.values, self.where, self.hard, self.priority)


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
    """A value as it stands in a form, where `filled` reads it again; a share as `in_field` has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{column} = {pattern}" for column, pattern in value.items())
    return ", ".join(f"{one}" for one in value) if isinstance(value, list | tuple) else f"{value}"


def in_percent(text: str) -> str:
    """A share as it stands in a form, in per cent: 0.15 -> 15 %; what is no number as it is."""
    try:
        return f"{(Decimal(text) * 100).normalize():f} %"
    except InvalidOperation:
        return text


def in_field(text: str, unit: str) -> str:
    """A share as it stands in a field that is labelled %: 0.15 -> 15; with the sign where the bare number would be asked about."""
    shown = in_percent(text)
    bare = shown.removesuffix(" %")
    return bare if bare == shown or surely_percent(float(bare), unit) else shown


def surely_percent(value: float, unit: str = "share") -> bool:
    """Whether a bare number in a field of per cents can only be that many per cent, and not the share itself, as 0.05 might be."""
    return value == 0 or abs(value) >= (MANY if unit == "multiple" else 1)


def filled(kind: str, given: Mapping[str, str], where: Mapping[str, str], hard: bool, priority: int) -> dict[str, Any]:
    """A rule as a plain mapping from what a form brings: field -> text, empty where left out.

    Raises UnknownChoice for a kind, UsageError for a text that is no number.
    """
    form = RULES.pick(kind)
    values = {one.name: _value(one, given[one.name]) for one in fields(form) if given.get(one.name, "").strip()}
    chosen = {column: text.strip() for column, text in where.items() if column in SELECTABLE and text.strip()}
    shared: dict[str, Any] = {"where": chosen} if chosen else {}
    shared |= {} if hard else {"hard": False}
    return {"kind": kind, **shared, **({"priority": priority} if priority else {}), **values}


def _value(field: Field, text: str) -> Any:
    text = text.strip()
    if field.kind == "flag":
        return text == "true"
    parts = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    if field.kind == "numbers":
        return [_number(field.name, part) for part in parts]
    if field.kind == "names":
        return parts
    if field.kind == "patterns":
        return {column.strip(): pattern.strip() for column, _, pattern in (part.partition("=") for part in parts)}
    if field.unit:
        return _in_hundredths(field, text)
    if field.kind in ("number", "whole"):
        return _number(field.name, text)
    return text


def setting_value(kind: str, setting: str, text: str) -> Any:
    """The value of one setting: a share as a form brings it, 5 % or 0.05; any other as it stands in shop.toml.

    Raises UsageError for a text that is neither, UnknownChoice for a kind.
    """
    own = next((one for one in fields(RULES.pick(kind)) if one.name == setting), None)
    if own is not None and own.unit and own.kind in ("number", "whole"):
        return _share(own, text.strip())
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise UsageError(f"{text!r} is no value of shop.toml", hint='write 0.05, true, "text" or [0.99]') from None


def _in_hundredths(field: Field, text: str) -> int | float:
    """0.15 of `15` and of `15 %`, in a field that is labelled %. A bare number that may be a share already is asked about."""
    plain = _plain(text)
    if plain.endswith("%"):
        return _share(field, plain)
    value = _number(field.name, plain)
    if not surely_percent(value, field.unit):
        times, said = f"{100 * value:g} %", f"{value:g} %"
        raise UsageError(f"{text} may mean {times} or {said}", where=field.name, hint=f"write {times} or {said}, with the sign")
    return float(Decimal(str(value)) / 100)


def _plain(text: str) -> str:
    return text.replace("，", ",").replace("％", "%").replace(",", ".")


def _share(field: Field, text: str) -> int | float:
    """0.15 of `0.15` and of `15 %`, as shop.toml has it. Without a sign it must not be so large that per cents may be meant."""
    plain = _plain(text)
    if plain.endswith("%"):
        return float(Decimal(str(_number(field.name, plain[:-1].strip()))) / 100)
    value = _number(field.name, plain)
    if value >= (MANY if field.unit == "multiple" else 1):
        said, times = f"{value:g} %", f"{100 * value:g} %"
        raise UsageError(f"{text} may mean {said} or {times}", where=field.name, hint=f"write {said} or {times}, with the sign")
    return value


def _number(name: str, text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text.strip()!r} is no number", where=name, hint="write 0.05 or 5 % for five per cent") from None
