"""What the guide asks about the shop: as it is typed, as shop.toml has it, and what is wrong with a form that cannot be kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from pricesmith.contracts.errors import PolicyError, PricesmithError
from pricesmith.contracts.policy import parse_policy
from pricesmith.flows.shop_toml import with_answer
from pricesmith.rules import RULES

from . import number_list
from .caution import BORROWED, typed, with_caution
from .rule_kinds import Field, share
from .setting_text import with_setting

CALLED = {"min_margin": "margin", "max_move": "borrowed"}
"""What shop.toml calls a field of the form that has another name there."""


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a new shop as they are typed: margin, step, borrowed and tax_rate in percent, several endings.

    borrowed  how far a price may move that rests mostly on similar products; "" as far as any other
    tax_rate  tax inside the prices of products that name none; "" where that is not known
    """

    name: str
    currency: str
    tax: Literal["gross", "net"]
    period: Literal["day", "week", "month"]
    margin: str
    step: str
    endings: str
    tax_rate: str = ""
    borrowed: str = ""


class Unkept(msgspec.Struct, frozen=True):
    """A form that cannot be kept, as it was filled in. field: where that is, "" where it is in none; what, hint: why, and what to do."""

    given: Chosen
    field: str
    what: str
    hint: str


class Settings(msgspec.Struct, frozen=True):
    """What the guide asks about the shop, as it stands now. tax_rate, margin, step and borrowed are shares; endings are major units.

    borrowed  how far a price may move that rests mostly on similar products, None as far as any other
    """

    name: str
    currency: str
    tax: str
    period: str
    margin: float
    step: float
    endings: list[float]
    tax_rate: float | None = None
    borrowed: float | None = None


def settings_of(given: Chosen) -> Settings:
    """Raises UsageError, at the field, for what is no number, and for one that may be a share or per cent."""
    endings = [float(one) for one in number_list.typed(given.endings, "endings")]
    return Settings(
        given.name.strip(), given.currency, given.tax, given.period, _share("margin", given.margin, 0.0, 0.9),
        _share("step", given.step, 0.001, 1.0), endings, _share("tax_rate", given.tax_rate, 0.0, 1.0) if given.tax_rate.strip() else None,
        typed(given.borrowed, "borrowed"),
    )  # fmt: skip


def _share(name: str, text: str, low: float, high: float) -> float:
    return share(Field(name=name, kind="number", needed=True, meaning="", unit="share", low=low, high=high), text)


def unkept(folder: Path, sent: str) -> Unkept | None:
    """The form that an address brings, with what is wrong with it; None where it brings none."""
    try:
        given = msgspec.json.decode(sent, type=Chosen) if sent else None
    except msgspec.DecodeError:
        return None
    if given is None:
        return None
    try:
        settled_text(folder, settings_of(given))
    except PricesmithError as error:
        named = (CALLED.get(word, word) for word in reversed(re.findall(r"\w+", error.where)))
        field = next((name for name in named if name in Chosen.__struct_fields__), "")
        return Unkept(given, field, error.what, error.hint)
    return Unkept(given, "", "", "")


def settle(folder: Path, asked: Settings) -> None:
    """Answer a new shop: write its settings into shop.toml, whose comments stay. Raises PolicyError where they cannot be."""
    text = settled_text(folder, asked)
    (folder / "shop.toml").write_text(text, encoding="utf-8")


def settled_text(folder: Path, asked: Settings) -> str:
    """The shop.toml with these settings, its comments as they are. Raises PolicyError where they cannot be."""
    text = with_answer((folder / "shop.toml").read_text(encoding="utf-8"))
    for key, value in (("name", asked.name), ("currency", asked.currency), ("tax", asked.tax), ("period", asked.period)):
        text = _put(text, rf"^{key} = \"[^\"\n]*\"", f"{key} = {quoted(value)}", key)
    text = _put(text, r'(?<=^kind = "margin_floor"\n)min_margin = [\d.]+', f"min_margin = {asked.margin:g}", "min_margin")
    text = _put(text, r'(?<=^kind = "max_change"\n)step = [\d.]+', f"step = {asked.step:g}", "step")
    endings = ", ".join(f"{one:g}" for one in asked.endings)
    text = _put(text, r'(?<=^kind = "price_endings"\n)endings = \[[^\]]*\]', f"endings = [{endings}]", "endings")
    text = with_setting(text, "data", "tax_rate", asked.tax_rate)
    text = with_caution(text, dict.fromkeys(BORROWED, asked.borrowed))
    parse_policy(text, RULES, where="shop.toml")
    return text


def _put(text: str, pattern: str, value: str, key: str) -> str:
    changed, count = re.subn(pattern, lambda _found: value, text, count=1, flags=re.MULTILINE)
    if not count:
        raise PolicyError(f"{key} is not where the guide wrote it", where="shop.toml", hint="edit it on the page Rules")
    return changed


def quoted(value: str) -> str:
    """A text as TOML writes it."""
    return msgspec.json.encode(value).decode()
