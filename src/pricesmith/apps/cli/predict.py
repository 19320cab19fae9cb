"""`pricesmith predict`: expected units of given prices on given days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from . import options


@click.command(
    name="predict",
    short_help="Expected units of given prices on given days.",
    epilog="Example:  pricesmith predict myshop --scenario plan.csv --out predicted.csv",
)
@options.folder
@options.as_of
@options.model
@click.option(
    "--scenario",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="CSV or Parquet with date, sku, price and, if you like, channel, region, promo, promo_kind.",
)
@options.out("the predictions")
def command(folder: Path, as_of: dt.date | None, model: str | None, scenario: Path, out: Path) -> None:
    """Predict the demand of the rows of a scenario and write them with units, units_lo and units_hi.

    The two bounds hold what will be sold in 90 of 100 rows; each row stands for one period of the shop (day, week or month).

    These are forecasts of prices that are given. Gradient boosting, where installed, also learns why prices were set as they were, so two
    rows may differ by more or less than the price alone would do: what a price does is told by `explain`, and prices are chosen by that.
    Levels differ too: forecasts are put right by how the last periods came, what `price` and `explain` expect is not. With [model]
    boosting = "never" only that is left, and products whose elasticity is about 0: forecasts have its likeliest value, curves its mean.
    """
    from pricesmith.flows import batch
    from pricesmith.flows import scenario as scenarios

    from .output import check_ending, spare, write_table
    from .progress import steps

    check_ending(out)
    spare(folder, out)
    rows = scenarios.read_scenario(scenario)
    with steps(4) as step:
        learned = batch.fit(batch.load(folder, model, step), as_of, step)
    predicted = scenarios.predict(learned, rows, str(scenario))
    write_table(out, predicted)
    click.echo(f"wrote {predicted.height:,} rows to {out}")
