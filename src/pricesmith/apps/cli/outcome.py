"""`pricesmith outcome`: what the prices of a run promised, and what they did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from pricesmith.contracts.errors import UsageError

from . import options


@click.command(
    name="outcome", short_help="Promised against realised, with intervals.", epilog="Example:  pricesmith outcome myshop 20261126-1f0c93ab"
)
@options.folder
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--since", callback=options.iso_day, metavar="DATE", help="First whole day of the prices, if not published from here.")
@click.option("--until", callback=options.iso_day, metavar="DATE", help="Day before which sales count. Default: all.")
@click.option("--keep", is_flag=True, help="Keep the reckoning for the price desk, which shows it from then on.")
@options.as_json
def command(folder: Path, run: str | None, since: dt.date | None, until: dt.date | None, keep: bool, as_json: bool) -> None:
    """Compare what RUN promised with what was sold since its prices came into the shop, product by product and in sum.

    Demand also moves by itself; products whose price stayed tell by how much, and promises are judged after that. Without RUN all runs are
    listed whose prices came, and how promises were kept over time. What was sold is recorded in the ledger, each day once.

    With RUN, --json gives: run, since, until, currency; a day and in major units: promised and realised (units, revenue, profit of the
    changed products), effect (profit that the prices brought, with low and high) and effect_promised; coverage90, bias; drift; holdout
    (clusters, items, split; null without one); regret (by_answer, proposals); products (one object each); elsewhere (products that mostly
    sold at other prices); recorded (rows new to the ledger). Without RUN: runs, together, regret, recorded.
    """
    from pricesmith.flows import batch
    from pricesmith.flows.desk.reading import keeping
    from pricesmith.flows.publishing.answers.approval import MACHINE
    from pricesmith.flows.publishing.measured import review
    from pricesmith.flows.publishing.measured.documents import document, history
    from pricesmith.flows.publishing.office import office

    from .output import print_json
    from .progress import steps
    from .reckoned import listed, told

    if run is None and (since or until):
        raise UsageError("--since and --until are said of one run", hint="name a RUN; `pricesmith runs DIR` lists them")
    place = office(folder)
    with steps(4) as step:
        loaded = batch.load(folder, None, step)
        if run is None:
            every = review.every(place.book, loaded, by=MACHINE, at=place.now(), progress=step)
            found = history(every, loaded.policy.currency)
        else:
            one = review.one(place.book, loaded, run, by=MACHINE, at=place.now(), since=since, until=until, progress=step)
            found = document(one)
    if keep and run is None:
        keeping.outcomes(place, loaded, found)
    elif keep:
        keeping.outcome(folder, found)
    if as_json:
        print_json(found)
    else:
        click.echo(listed(found) if run is None else told(found))
