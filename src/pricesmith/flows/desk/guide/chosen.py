"""What the guide asks about a shop as it is typed into its form, and what is wrong with a form that cannot be kept."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from pricesmith.contracts.errors import Contradiction, PricesmithError, UsageError
from pricesmith.contracts.money import exponent
from pricesmith.flows.desk.forms import number_list
from pricesmith.flows.desk.forms.last_digit import spelled, sure
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules.caution import typed
from pricesmith.flows.desk.rules.rule_kinds import Field, share
from pricesmith.rules.max_change import MaxChange
from pricesmith.rules.min_change import MinChange

from .endings import prices_of
from .settings import Settings, settled_text

CALLED = {"min_margin": "margin", "of_price": "margin", "max_move": "borrowed"}
"""What shop.toml calls a field of the form that has another name there."""


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a new shop as they are typed: margin, step, borrowed, least and tax_rate in percent, several endings.

    borrowed  how far a price may move that rests mostly on similar products; "" as far as any other
    least     least move of a price; "" where it may be any
    tax_rate  tax inside the prices of products that name none; "" where that is not known
    together  column of the products whose equal values make them share one price; "" where each has its own
    most      how many prices may change in one run; "" as many as like
    margin_of `cost`: margin is a mark-up on the landed cost; `price`: it is a share of what is kept of the price, after tax and fees
    timezone  in which days begin, such as Europe/Berlin; "" where it is not asked
    people    `one`: one person runs the shop and accepts the prices that the desk makes
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
    least: str = ""
    together: Literal["", "family", "category", "brand", "role", "sku"] = ""
    people: Literal["several", "one"] = "several"
    margin_of: Literal["cost", "price"] = "cost"
    most: str = ""
    timezone: str = ""


class Unkept(msgspec.Struct, frozen=True):
    """A form that cannot be kept, as it was filled in. field: where that is, "" where it is in none; what, hint: why, and what to do."""

    given: Chosen
    field: str
    what: str
    hint: str


def asked(given: Chosen) -> Settings:
    """Raises UsageError, at the field, for what is no number, and for one that may be a share or per cent."""
    endings = [float(one) for one in number_list.typed(spelled(given.endings, given.currency), "endings")]
    step, least = _share("step", given.step, 0.001, 1.0), typed(given.least, "least") or None
    tax = _share("tax_rate", given.tax_rate, 0.0, 1.0) if given.tax_rate.strip() else None
    margin = _share("margin", given.margin, 0.0, 0.9)
    _agree(least, step)
    return Settings(
        given.name.strip(), given.currency, given.tax, given.period, margin, step, endings, tax,
        typed(given.borrowed, "borrowed"), least, given.together, given.people == "one", _count("most", given.most), given.margin_of,
        given.timezone.strip(),
    )  # fmt: skip


def _agree(least: float | None, step: float) -> None:
    """Raise UsageError, at the field of the least move, where no price could ever change."""
    try:
        if least is not None:
            MinChange(step=least).agree(MaxChange(step=step))
    except Contradiction as error:
        raise UsageError(error.what, where="least", hint=error.hint) from None


def _count(name: str, text: str) -> int | None:
    """A whole number of at least 1, with marks between thousands or not; None of an empty field. Raises UsageError at the field."""
    bare = re.sub(r"[\s,.']", "", text)
    if not bare:
        return None
    if not bare.isdigit() or int(bare) < 1 or re.search(r"[.,]\d{1,2}$", text.strip()):
        raise UsageError(f"{text!r} is no number of prices", where=name, hint="write a whole number such as 300, or leave it empty")
    return int(bare)


def _share(name: str, text: str, low: float, high: float) -> float:
    return share(Field(name=name, kind="number", needed=True, meaning="", unit="share", low=low, high=high), text)


def meant(reading: Reading, given: Chosen) -> Settings:
    """The same beside the shop's prices. Raises UsageError also for endings that hardly mean what they say."""
    settings = asked(given)
    if exponent(settings.currency) == exponent(reading.policy.currency):
        sure(settings.endings, prices_of(reading), settings.currency)
    return settings


def unkept(reading: Reading, sent: str) -> Unkept | None:
    """The form that an address brings, with what is wrong with it; None where it brings none."""
    try:
        given = msgspec.json.decode(sent, type=Chosen) if sent else None
    except msgspec.DecodeError:
        return None
    if given is None:
        return None
    try:
        settled_text(reading.folder, meant(reading, given))
    except PricesmithError as error:
        named = (CALLED.get(word, word) for word in reversed(re.findall(r"\w+", error.where)))
        field = next((name for name in named if name in Chosen.__struct_fields__), "")
        return Unkept(given, field, error.what, error.hint)
    return Unkept(given, "", "", "")
