"""`pricesmith fit`: learn demand, print the model report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from . import options

FIRST = ("as_of", "model", "form", "fit", "evidence", "elasticity_by_category")

READING = (
    "elasticity: percent of units for one percent of price, the mean over the products of a category;",
    "    four in five of its products lie between `from` and `to`: how they differ, not how surely the mean is known",
    "evidence: products by where their elasticity comes from; docs/how_it_works.md says what each grade is worth",
)
"""How to read the figures."""

YES_NO = ("families_found",)
LABELS = {"families_found": "families found, small categories stand in for them", "families_t": "families' mean effect, t"}
"""Figures that are called otherwise than their name in the document; those that are a yes or no."""


@click.command(
    name="fit",
    short_help="Learn demand; print the model report.",
    epilog="Example:  pricesmith fit myshop --as-of 2026-11-24",
)
@options.folder
@options.as_of
@options.model
@options.as_json
def command(folder: Path, as_of: dt.date | None, model: str | None, as_json: bool) -> None:
    """Learn how demand responds to price in the shop in DIR and print what was learned.

    The report tells how well the model fits, how it was tested, the elasticities by category, and where they come from.
    """
    from pricesmith.flows import batch

    from .output import print_json
    from .progress import steps

    with steps(4) as step:
        learned = batch.fit(batch.load(folder, model, step), as_of, step)
    report = {"as_of": learned.snapshot.as_of, "model": learned.policy.model.name, **learned.model.report(learned.snapshot)}
    if as_json:
        print_json(report)
    else:
        click.echo("\n".join([*told(ordered(report)), "", *READING]))


def ordered(report: Mapping[str, Any]) -> dict[str, Any]:
    """What most readers look for first, then everything else the model has to say."""
    first = {name: report[name] for name in FIRST if name in report}
    return {**first, "details": {name: value for name, value in report.items() if name not in first}}


def told(report: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A nested document as lines: names and values, lists of records as tables."""
    from pricesmith.apps.report.numbers import aligned

    for name, value in report.items():
        label = LABELS.get(name, name.replace("_", " "))
        value = ("yes" if value else "no") if name in YES_NO and value is not None else value
        if isinstance(value, Mapping):
            yield f"{indent}{label}"
            yield from told(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{label}"
            rows = [[cell(one) for one in row.values()] for row in value]
            yield from (f"{indent}  {line}" for line in aligned([[str(key).replace("_", " ") for key in value[0]], *rows]))
        else:
            yield f"{indent}{label}: {'not tested' if value is None else cell(value)}"


def cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(cell(one) for one in value)
    return f"{value:,.4g}" if isinstance(value, float) else "-" if value is None else str(value)
