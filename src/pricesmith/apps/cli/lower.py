"""`pricesmith lower`: two people lower the floor of one product for a few days."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="lower",
    short_help="Two people lower a product's floor for a few days.",
    epilog='Example:  pricesmith lower myshop A001 --to 4.99 --asked-by anna --by ben --why "end of line" --days 3',
)
@options.folder
@click.argument("sku", metavar="SKU")
@click.option("--to", "floor", metavar="PRICE", required=True, help="Lowest price allowed instead, major units.")
@click.option("--asked-by", metavar="NAME", required=True, help="Who asks.")
@options.by
@click.option("--why", metavar="TEXT", required=True, help="The reason; stands in the ledger.")
@click.option("--days", type=int, metavar="N", help="For how long; at most [guards] exception_days, which is the default.")
@click.option("--channel", metavar="NAME", default="default", show_default=True, help="Sales channel.")
@click.option("--region", metavar="NAME", default="default", show_default=True, help="Price region.")
def command(folder: Path, sku: str, floor: str, asked_by: str, by: str, why: str, days: int | None, channel: str, region: str) -> None:
    """Lower the floor at the last gate for SKU. Its change then needs two people as well; the rules of shop.toml still hold."""
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.publishing.answers.exceptions import lower_floor
    from pricesmith.flows.publishing.office import office

    from .recorded import moment, price, typed

    place = office(folder)
    minor = typed(floor, place.policy.currency, "--to")
    key = Key(sku, channel, region)
    ends = lower_floor(place.book, key, minor, place.policy.guards, asked_by=asked_by, by=by, why=why, at=place.now(), days=days)
    click.echo(f"the floor of {sku} is {price(minor, place.policy.currency)} until {moment(ends)}")
