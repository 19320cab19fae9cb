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
    """Read every price of a shop, write down what is new, and list the prices that somebody else changed since.

    Where the shop tells its orders, a rush of them after a cut stops the shop (guard G16), with exit status 1: run it every few minutes.
    """
    from pricesmith.apps.report.numbers import aligned
    from pricesmith.contracts.errors import PricesmithError
    from pricesmith.flows.publishing.office import desk, office
    from pricesmith.flows.publishing.sending.reconcile import reconcile
    from pricesmith.flows.publishing.sending.rush import watch_orders

    from .output import print_json
    from .recorded import placed, price

    place = office(folder)
    at = desk(place, name)
    drift, rush = reconcile(at), watch_orders(at)
    if as_json:
        print_json(drift.to_dicts())
    elif drift.is_empty():
        click.echo("every price in the shop is as the ledger knows it")
    else:
        currency = place.policy.shops[name].currency or place.policy.currency
        rows = [[placed(row), price(row["known"], currency), price(row["price"], currency)] for row in drift.iter_rows(named=True)]
        click.echo("\n".join([f"{drift.height} prices were changed by somebody else", *aligned([["product", "was", "is"], *rows])]))
    if rush:
        hint = "take the prices back: `pricesmith undo DIR RUN --live`; two people release it: `pricesmith resume DIR --to NAME --by WHO`"
        raise PricesmithError(f"no new price leaves any more: {rush}", where=f"shop {name}", hint=hint)
