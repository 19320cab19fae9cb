"""One rule of a text as a form has it: the text with it, or what is wrong with the form, at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.reading.ledger import Reading

from .filled_in import rule_of
from .policy_file import checked
from .rule_kinds import Form, kinds
from .rule_text import blocks, told_anew, value_text, with_block

_BESIDE = re.compile(r"\s+#[^\"'\]}]*$")


class Typed(msgspec.Struct, frozen=True):
    """A form that cannot be kept, as it was filled in. field: where that is, "" where it is in none; what, hint: why, and what to do."""

    form: Form
    field: str
    what: str
    hint: str


def edited(text: str, number: int | None, rule: Mapping[str, Any] | None) -> str:
    """The text with one rule changed, added (number None) or taken out (rule None); checked. Raises PolicyError with the place."""
    block = "" if rule is None else _block(text, number, rule)
    found = with_block(text, number, block)
    checked(found)
    return found


def _block(text: str, number: int | None, rule: Mapping[str, Any]) -> str:
    """The rule as a [[rule]] table; what a comment says beside a field that stays is kept."""
    known = blocks(text)
    old = text.splitlines()[slice(*known[number])] if number is not None and 0 <= number < len(known) else []
    beside = {line.partition("=")[0].strip(): found[0] for line in old if (found := _BESIDE.search(line))}
    said = {name: told_anew(comment, rule, old) for name, comment in beside.items()}
    return "\n".join(["[[rule]]", *(f"{name} = {value_text(value)}{said.get(name, '')}" for name, value in rule.items())])


def typed(reading: Reading, text: str, form: Form) -> Typed | None:
    """What is wrong with a form on this text; None where nothing is."""
    try:
        edited(text, form.number if form.number >= 0 else None, rule_of(reading, text, form))
    except PricesmithError as error:
        return blamed(form, error)
    return None


def blamed(form: Form, error: PricesmithError) -> Typed:
    """What an edit said that is wrong with a form, at its field."""
    name = error.where.rpartition(".")[2].rpartition(" ")[2]
    known = {one.name for kind in kinds() if kind.kind == form.kind for one in kind.fields}
    return Typed(form, name if name in known else "", error.what, error.hint)


def typed_again(reading: Reading, text: str, sent: str) -> Typed | None:
    """The form that an address brings, where something is wrong with it."""
    try:
        return typed(reading, text, msgspec.json.decode(sent, type=Form)) if sent else None
    except msgspec.DecodeError:
        return None
