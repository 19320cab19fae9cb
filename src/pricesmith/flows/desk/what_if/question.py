"""What if, as it stands in an address: the run, what of the shop is looked at, and the changes, each as `kind?field=value&...`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.faults import explain
from pricesmith.flows.desk.forms import number_list, per_cent

from .scenario import SCENARIOS, Change
from .scenario._change import fields

MOST_CHANGES = 30
FIELDS = tuple(dict.fromkeys(name for kind in SCENARIOS.values() for name in fields(kind)))
"""Fields of all kinds of change; a form brings those of the one that `add` names."""
_OWN: tuple[tuple[str, Any, Any], ...] = (
    ("run", str, ""),
    ("in_category", str, ""),
    ("of_product", str, ""),
    ("changes", list[str], msgspec.field(default_factory=list)),
    ("add", str, ""),
    ("every", bool, False),
)
Asked: type[msgspec.Struct] = msgspec.defstruct(
    "Asked",
    [*_OWN, *((name, str, "") for name in FIELDS)],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    namespace={
        "__doc__": "What if: run, what is looked at, changes that stand, one to be added with its fields; every: list all that differ."
    },
)


def changes_of(asked: Any) -> list[Change]:
    """The changes that are asked about, the added one last; the same one counts once. Raises PricesmithError for what cannot be read."""
    texts = list(asked.changes)
    found = [read(text) for text in texts]
    if asked.add:
        found.append(_change(asked.add, {name: getattr(asked, name) for name in FIELDS if getattr(asked, name)}))
    if len(found) > MOST_CHANGES:
        raise UsageError(f"{len(found)} changes at once are too many", hint=f"up to {MOST_CHANGES}")
    return list(dict.fromkeys(found))


def standing(asked: Any) -> list[Change]:
    """The changes without the added one, none where they cannot be read: what stays when the added one cannot be asked."""
    try:
        return changes_of(msgspec.structs.replace(asked, add=""))
    except PricesmithError:
        return []


def read(text: str) -> Change:
    kind, _, rest = text.partition("?")
    return _change(kind, dict(parse_qsl(rest)))


def write(change: Change) -> str:
    """The change as it stands in an address; `read` gives it again."""
    own = fields(type(change))
    plain = {name: _plain(value, own[name].get("asks")) for name, value in values_of(change).items() if value not in ("", None)}
    return f"{change.kind}?{urlencode(plain)}"


def _plain(value: Any, asks: str | None) -> str:
    """A value as `read` takes it; per cents with their sign where the bare number would be asked about."""
    return f"{value}".removesuffix(".0") + (" %" if asks == "percent" and not per_cent.sure(value) else "")


def values_of(change: Change) -> dict[str, Any]:
    """Field -> value, defaults included."""
    return {name: getattr(change, name) for name in fields(type(change))}


def _change(kind: str, given: Mapping[str, str]) -> Change:
    form = SCENARIOS.pick(kind)
    own = fields(form)
    told = dict(given)
    for name, one in own.items():
        if one["needed"] and name not in given:
            raise UsageError(f"{name} is missing", where=kind, hint="fill in every field of the question")
        if name in given and one.get("type") in ("number", "integer"):
            told[name] = _number(f"{kind} {name}", given[name], one)
    try:
        found: Change = msgspec.convert({"kind": kind, **{name: told[name] for name in own if name in told}}, form, strict=False)
    except msgspec.ValidationError as error:
        what, place, hint = explain(error, form, given)
        raise UsageError(what, where=f"{kind} {place.lstrip('.')}".strip(), hint=hint) from None
    return found


def _number(where: str, text: str, schema: Mapping[str, Any]) -> str:
    """The number that a text says, digits alone; per cents are read as in every form."""
    percent = schema.get("asks") == "percent"
    value = per_cent.typed(text, where) if percent else number_list.number(text.strip(), where, "digits with a decimal point")
    low = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
    high = schema.get("maximum", math.inf)
    if not low <= value <= high:
        least, most, said = (f"{one:g}{' %' if percent else ''}" for one in (low, high, value))
        raise UsageError(f"{said} is not between {least} and {most}", where=where, hint="another number")
    return f"{value}"
