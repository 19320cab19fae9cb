"""How far a price may move that rests mostly on similar products: the setting `[model] max_move` in a form, and the changes it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import Rule
from pricesmith.contracts.toml_lines import line_of
from pricesmith.rules.apply import names_of
from pricesmith.rules.caution import WEAK_EVIDENCE

from .policy_file import checked
from .rule_kinds import Field, share
from .setting_text import with_setting

BORROWED = ("pooled", "prior")
"""Grades of evidence of an elasticity that similar products say more about than the product's own sales, the better one first."""
MAX_MOVE = "model.max_move"
"""The place of the setting. It acts when prices are decided, as no other setting of the model does."""


class Caution(msgspec.Struct, frozen=True):
    """The largest move of a price as a share of it, by grade of evidence; None: as far as the rules let it.

    line  where the setting stands in the text, None where it does not
    """

    pooled: float | None
    prior: float | None
    line: int | None = None


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same as it is typed into a form, in percent; "" as far as the rules let a price move."""

    pooled: str = ""
    prior: str = ""

    def limits(self) -> dict[str, float | None]:
        """By grade of evidence. Raises UsageError, at the field, for what is no number, and for one that may be a share or per cent."""
        return {name: typed(getattr(self, name), name) for name in BORROWED}


class Unkept(msgspec.Struct, frozen=True):
    """A form that cannot be kept, as it was filled in. field: where that is;  what, hint: why, and what to do."""

    given: Asked
    field: str
    what: str
    hint: str


class Borrowed(msgspec.Struct, frozen=True):
    """Changes of a run that rest mostly on similar products.

    furthest, limited  those of them that the largest change alone kept from going further, and those that this limit did
    assumed  those of them that rest on experience from elsewhere alone: this shop's prices moved too little to tell
    """

    count: int
    furthest: int
    limited: int = 0
    assumed: int = 0


def caution(policy: Policy, text: str) -> Caution:
    """What a shop.toml says of it. policy: as the text says."""
    limits = policy.model.max_move
    return Caution(limits.get("pooled"), limits.get("prior"), line_of(text, f"$.{MAX_MOVE}") if limits else None)


def typed(text: str, name: str) -> float | None:
    """0.02 of `2`, `2 %` and `2,0`; None of an empty field. Raises UsageError in per cent, at the field of that name."""
    return share(Field(name=name, kind="number", needed=False, meaning="", unit="share", low=0.0), text) if text.strip() else None


def unkept(sent: str) -> Unkept | None:
    """The form that an address brings, where something is wrong with it."""
    try:
        given = msgspec.json.decode(sent or "{}", type=Asked)
    except msgspec.DecodeError:
        return None
    try:
        given.limits()
    except UsageError as error:
        return Unkept(given, error.where, error.what, error.hint)
    return None


def with_caution(text: str, limits: Mapping[str, float | None]) -> str:
    """The text with these limits, by grade of evidence; None takes one out, and other grades keep theirs. Raises PolicyError."""
    known = {str(grade): value for grade, value in checked(text).model.max_move.items()} | dict(limits)
    return with_setting(text, "model", "max_move", {grade: value for grade, value in known.items() if value is not None} or None)


def borrowed(change: pl.DataFrame, rules: Sequence[Rule]) -> Borrowed:
    """change: the changes of a run, with `evidence` and `binding_rules`; rules: those that it was made under."""
    steps = [name for name, rule in zip(names_of(rules), rules, strict=True) if rule.kind == "max_change"]
    own = change.filter(pl.col("evidence").is_in(BORROWED))
    names = own["binding_rules"].fill_null("").str.split(";")
    limited = names.list.contains(WEAK_EVIDENCE)
    stopped = names.list.eval(pl.element().is_in(steps)).list.any() & ~limited
    return Borrowed(own.height, int(stopped.sum()), int(limited.sum()), own.filter(pl.col("evidence") == BORROWED[1]).height)
