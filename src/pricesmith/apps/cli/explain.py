"""`pricesmith explain`: why one product has its price."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from . import options


@click.command(
    name="explain",
    short_help="Why this price: curve, drivers, rules, evidence.",
    epilog="Example:  pricesmith explain myshop A001",
)
@options.folder
@click.argument("sku", metavar="SKU")
@options.as_of
@options.model
@click.option("--channel", metavar="NAME", help="Sales channel, where the product is sold in several.")
@click.option("--region", metavar="NAME", help="Price region, where the product is sold in several.")
@options.locale
@options.as_json
def command(
    folder: Path,
    sku: str,
    as_of: dt.date | None,
    model: str | None,
    channel: str | None,
    region: str | None,
    locale: str | None,
    as_json: bool,
) -> None:
    """Explain the price of one product: its demand curve, what drives the change of profit, the rules' limits, the evidence.

    A product's name, or words of it, may stand in place of its SKU where no other product has it.
    """
    from pricesmith.flows import batch

    from . import story, story_text
    from .output import print_json
    from .progress import steps
    from .spoken import spoken

    with steps(5) as step:
        loaded = batch.load(folder, model, step, locale=locale)
        with spoken(loaded.policy.locale):
            sku = story.known(loaded.prepared, sku)
        priced = batch.price(loaded, as_of, step)
    with spoken(loaded.policy.locale):
        rows = story.rows_of(priced, sku, channel, region)
    told = [story.tell(priced, row) for row in rows]
    if as_json:
        print_json(told[0] if len(told) == 1 else {**told[0], "others": told[1:]})
    else:
        click.echo("\n\n".join(story_text.text(one) for one in told))
