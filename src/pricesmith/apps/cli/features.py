"""`pricesmith features`: what is known before each day, and which of it says something about demand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.features import Judged

REASONS = {
    "kept": "kept",
    "redundant": "repeats another",
    "irrelevant": "says nothing by itself",
    "constant": "always the same",
    "mostly_unknown": "mostly unknown",
}


@click.command(
    name="features",
    short_help="What drives demand: every feature, kept or not, and why.",
    epilog="Example:  pricesmith features myshop --out features.parquet",
)
@options.folder
@options.as_of
@click.option("--lead", "lead_days", type=click.IntRange(0, 730), default=0, help="Days between the decision and the day itself.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the features of every cell: CSV or Parquet."
)
@options.as_json
def command(folder: Path, as_of: dt.date | None, lead_days: int, out: Path | None, as_json: bool) -> None:
    """Build what is known before each day of the shop in DIR and judge it against the units sold.

    Features that repeat a more informative one (rank correlation), or share no information with demand (mutual information), are named with
    the reason. Nothing of a day itself or after the as-of date enters a feature.
    """
    from pricesmith.flows import batch
    from pricesmith.flows.features import judge

    from .output import check_ending, print_json, write_table
    from .progress import steps

    if out is not None:
        check_ending(out)
    with steps(4) as step:
        judged = judge(batch.load(folder, progress=step), as_of, lead_days=lead_days, progress=step)
    if out is not None:
        write_table(out, judged.table)
    if as_json:
        print_json({"as_of": judged.snapshot.as_of, "rows": judged.table.height, "features": judged.selection.report.to_dicts()})
    else:
        click.echo(told(judged))


def told(judged: Judged) -> str:
    """The verdicts for people."""
    from pricesmith.apps.report.numbers import aligned

    report = judged.selection.report
    rows = [
        (
            row["feature"],
            f"{row['information']:.4f}",
            f"{row['unknown_share']:.0%}",
            REASONS[row["reason"]] + _like(row["reason"], row["like"]),
        )
        for row in report.iter_rows(named=True)
    ]
    head = (
        f"{len(judged.selection.kept)} of {report.height} features kept, from {judged.table.height:,} cells before {judged.snapshot.as_of}"
    )
    return head + "\n\n" + "\n".join(aligned([("feature", "information", "unknown", "verdict"), *rows]))


def _like(reason: str, like: str | None) -> str:
    return f": {like}" if reason == "redundant" and like else ""
