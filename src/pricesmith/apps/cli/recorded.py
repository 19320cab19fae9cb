"""What commands on recorded runs share: which products are meant, and how money and times are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pricesmith.contracts.errors import UnknownChoice

if TYPE_CHECKING:
    from pricesmith.contracts.ledger import Ledger
    from pricesmith.contracts.shop import Key


def keys_of(ledger: Ledger, run: str, skus: Sequence[str]) -> list[Key] | None:
    """The products of a run that `--sku` names; None where all are meant. An unknown one lists near ones."""
    import polars as pl

    from pricesmith.contracts.shop import Key

    if not skus:
        return None
    decided = ledger.read("decided", {"run": [run]}).select(Key._fields)
    found = []
    for name in skus:
        sku, *place = name.split("/") if name not in decided["sku"] else [name]
        rows = decided.filter(pl.col("sku") == sku)
        for column, value in zip(("channel", "region"), place, strict=False):
            rows = rows.filter(pl.col(column) == value)
        if rows.is_empty():
            raise UnknownChoice("product", name, decided["sku"].unique().to_list(), where=f"run {run}")
        found += [Key(*row) for row in rows.iter_rows()]
    return found


def place_of(key: Sequence[str]) -> str:
    """`A001`, or `A001 web DE` where there is more than one place."""
    return key[0] if tuple(key[1:]) == ("default", "default") else " ".join(key)


def placed(row: Mapping[str, Any]) -> str:
    """The place of a row with the columns of a key."""
    return place_of([row["sku"], row["channel"], row["region"]])


def price(minor: int | None, currency: str) -> str:
    from pricesmith.contracts.money import format_minor

    return "–" if minor is None else format_minor(minor, currency)


def typed(text: str, currency: str, option: str) -> int:
    """Minor units of an amount exactly as a person typed it; a usage error where it is none, is zero, or is finer than the currency."""
    from pricesmith.contracts.typed_amount import from_typed

    try:
        minor = from_typed(text, currency)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    if minor < 1:
        raise click.BadParameter(f"{text} is no price: it must be above 0", param_hint=option)
    return minor


def moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
