"""Arguments and options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pricesmith.contracts.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def iso_day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> dt.date | None:
    """An option's text as an ISO date."""
    try:
        return None if value is None else dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-24") from None


def no_file(_context: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    """A shop is a folder: a file in it is the likely slip."""
    if value.is_file():
        inside = next((place for place in value.resolve().parents if (place / "shop.toml").is_file()), None)
        raise UsageError(f"{value} is a file, and a shop is a folder", hint=f"give the folder: {inside}" if inside else "give the folder")
    return value


def folder(function: F) -> F:
    """The shop folder."""
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), callback=no_file)(function)


def as_of(function: F) -> F:
    """The day of the run."""
    text = "Day of the run; only what is dated before it is used. Default: the day after the last sale (day, week or month)."
    return click.option("--as-of", callback=iso_day, metavar="DATE", help=text)(function)


def model(function: F) -> F:
    return click.option("--model", metavar="NAME", help="Demand model to use in place of the one in shop.toml.")(function)


def locale(function: F) -> F:
    """The language of what people read."""
    return click.option("--locale", metavar="LANGUAGE", help="Language: en or zh, in place of the one in shop.toml.")(function)


def as_json(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else on standard output.")(function)


def out(required_for: str) -> Callable[[F], F]:
    """The file to write; CSV or Parquet by its ending."""

    def add(function: F) -> F:
        text = f"File for {required_for}: CSV or Parquet by its ending."
        return click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", required=True, help=text)(function)

    return add


def run(function: F) -> F:
    """A recorded run."""
    return click.argument("run", metavar="RUN")(function)


def by(function: F) -> F:
    return click.option("--by", metavar="NAME", required=True, help="Who says so; stands in the ledger.")(function)


def operator(function: F) -> F:
    text = "Who says so; stands in the ledger."
    return click.option("--by", metavar="NAME", default="operator", show_default=True, help=text)(function)


def skus(function: F) -> F:
    text = "Only this product; may be given several times. SKU, or SKU/CHANNEL/REGION."
    return click.option("--sku", "skus", multiple=True, metavar="SKU", help=text)(function)
