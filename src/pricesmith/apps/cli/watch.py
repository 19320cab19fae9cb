"""`pricesmith watch`: compare what stands in a shop with what the ledger knows."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="watch", short_help="Find prices in a shop that somebody else changed.", epilog="Example:  pricesmith watch myshop --to main"
)
@options.folder
@click.option("--to", "name", metavar="NAME", required=True, help="Shop of the section [shop.NAME].")
@options.as_json
def command(folder: Path, name: str, as_json: bool) -> None:
    """Read every price of a shop, write down what is new, and list the prices that somebody else changed since."""
    from pricesmith.apps.report.numbers import aligned
    from pricesmith.flows.publishing.office import desk, office
    from pricesmith.flows.publishing.reconcile import reconcile

    from .output import print_json
    from .recorded import KEY, place_of, price

    place = office(folder)
    drift = reconcile(desk(place, name))
    if as_json:
        print_json(drift.to_dicts())
    elif drift.is_empty():
        click.echo("every price in the shop is as the ledger knows it")
    else:
        currency = place.policy.shops[name].currency or place.policy.currency
        rows = [
            [place_of([row[k] for k in KEY]), price(row["known"], currency), price(row["price"], currency)]
            for row in drift.iter_rows(named=True)
        ]
        click.echo("\n".join([f"{drift.height} prices were changed by somebody else", *aligned([["product", "was", "is"], *rows])]))
