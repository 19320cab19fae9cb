"""What each channel takes of every product, as people type it and as shop.toml says it in [[fees]] tables."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pricesmith.contracts.errors import PolicyError, UsageError
from pricesmith.contracts.fees import FEES, FeesPolicy
from pricesmith.contracts.toml_lines import line_of
from pricesmith.flows.desk.forms import number_list

from .policy_file import checked
from .rule_kinds import Field, share
from .rule_text import blocks, value_text, with_lines

MOST = 8
"""Channels at most that are asked about one by one: more are stores rather than marketplaces."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel takes, as it is typed: rates in percent, shipping in the shop's currency; "" is not said.

    channel  "" is every channel
    """

    channel: str = ""
    fee_rate: str = ""
    payment_rate: str = ""
    shipping: str = ""
    return_rate: str = ""


def fees(said_so_far: Iterable[FeesPolicy], channels: Iterable[str]) -> list[FeesPolicy]:
    """One for each channel that is asked about, as shop.toml says it, the one about every channel first where there is need of it.

    channels  those that sell; where it is one, or more than MOST are, every channel is asked about as one
    Those of a region stand in shop.toml alone.
    """
    said = {one.channel: one for one in said_so_far if not one.region}
    sold = sorted(set(channels))
    named = sorted({*(sold if 1 < len(sold) <= MOST else ()), *said} - {""})
    return [said.get(channel, FeesPolicy(channel=channel)) for channel in ([""] if "" in said or not named else []) + named]


def keep(folder: Path, asked: Asked) -> None:
    """Write what a channel takes into shop.toml. Raises UsageError, at the field, for what is no number, PolicyError where it cannot be."""
    path = folder / "shop.toml"
    path.write_text(with_fee(path.read_text(encoding="utf-8"), typed(asked)), encoding="utf-8")


def typed(asked: Asked) -> FeesPolicy:
    """What was typed as what it means. Raises UsageError, at the field, for what is no number."""
    rates = ((name, getattr(asked, name).strip()) for name in FEES if name != "shipping")
    told = {
        name: share(Field(name=name, kind="number", needed=False, meaning="", unit="share", low=0.0, high=1.0), text)
        for name, text in rates
        if text
    }
    if asked.shipping.strip():
        told["shipping"] = _amount(asked.shipping.strip())
    return msgspec.convert({"channel": asked.channel.strip(), **told}, FeesPolicy)


def _amount(text: str) -> float:
    hint = "write an amount of money such as 0.50, or leave it empty"
    amount = float(number_list.number(text, "shipping", hint))
    if not 0.0 <= amount < math.inf:
        raise UsageError(f"{text!r} is no amount of money", where="shipping", hint=hint)
    return amount


def with_fee(text: str, fee: FeesPolicy) -> str:
    """The text in which the place of `fee` takes just this; one that takes nothing is left out. The rest of the text stays.

    Raises PolicyError where it cannot be, and where the fees are not written as [[fees]] tables.
    """
    before = checked(text)
    places = [(one.channel, one.region) for one in before.fees]
    number = places.index((fee.channel, fee.region)) if (fee.channel, fee.region) in places else None
    values = {name: getattr(fee, name) for name in ("channel", "region", *FEES)}
    told = {name: value for name, value in values.items() if value not in ("", None)}
    says = any(name in told for name in FEES)
    block = ["[[fees]]", *(f"{name} = {value_text(value)}" for name, value in told.items())] if says else []
    known = blocks(text, "fees")
    if len(known) != len(before.fees):
        raise PolicyError("the fees are written in one line", where="shop.toml $.fees", hint="write each as a [[fees]] table")
    if number is not None:
        return _sound(with_lines(text, *known[number], block))
    at = known[-1][1] if known else (line_of(text, "$.model") or line_of(text, "$.rule[0]") or len(text.splitlines()) + 1) - 1
    return _sound(with_lines(text, at, at, block)) if block else text


def _sound(text: str) -> str:
    checked(text)
    return text
